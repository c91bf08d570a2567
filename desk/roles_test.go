package desk_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/study"
)

// page writes doc/roles.md from the table.
func page() string {
	var b strings.Builder
	b.WriteString("# Who may do what\n\nWritten from the table in `desk/rules.go` by its test (`DVALA_WRITE=1 go test ./desk -run TestRolesPage`). What is not here nobody may do. " +
		"O is one's own, S the people of one's sites, T anybody in the trial and the trial as a whole, A what is the same for all who have the role and about nobody else; " +
		"! asks for a proof of who one is within the last five minutes.\n\n" +
		"A role is given at a site or, with none named, at every site. What is done to the trial as a whole (T with no person, S with neither person nor site) takes the role at every site: " +
		"who has it at one site reaches the people of that site and nothing beyond, and of T only them. That holds in a trial with one site, too: an administrator gives the role without a site. " +
		"° is a list, answered to whoever has the role at a site from her own sites alone; ¹ names its site or its person by itself, and is offered to whoever has the role at a site, but done only at hers.\n\n" +
		"In the trail and in the ledger a pharmacist reads what is about kits, emergencies and the trial; an administrator and a custodian, what is about emergencies and the trial; the others all of whom they may see. " +
		"Of the rest the trail tells that it happened, and the ledger its place, hash, kind and time (`desk/readers.go`). " +
		"Exports for verification are whole by design, for a hash is verified against what it is of: the ledger and its files go to whoever may `export` in the trial as a whole, " +
		"and `dvala export --ledger` to whoever has the trial's directory or database under her hands, as the custodian and the auditor need it; sealed words stay sealed in both.\n\n" + hatsText() + "\n\n| action |")
	roles := study.Roles()
	for _, r := range roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(roles)) + "\n")
	for _, a := range desk.Actions() {
		rule, _ := desk.RuleOf(a)
		mark := ""
		for _, m := range []struct {
			is   bool
			text string
		}{{rule.Strong, " !"}, {rule.Anyone, " (anyone)"}, {rule.Within, " °"}, {rule.Named, " ¹"}} {
			if m.is {
				mark += m.text
			}
		}
		fmt.Fprintf(&b, "| %s%s |", a, mark)
		for _, r := range roles {
			reach, ok := rule.May[r]
			cell := ""
			if ok {
				cell = string("OSTA"[reach])
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// hatsText says what a participant does who runs the trial herself.
func hatsText() string {
	hats := desk.Hats()
	var parts []string
	for _, role := range study.Roles() {
		var does []string
		for _, a := range desk.Actions() {
			if hats[a] == role {
				does = append(does, string(a))
			}
		}
		if len(does) > 0 {
			parts = append(parts, "as "+string(role)+" "+strings.Join(does, ", "))
		}
	}
	return "`run-own-trial` is of a protocol with `design.run_by: participant`, and hers alone who is the one person of it. By it she does, under her own code, " + strings.Join(parts, "; ") +
		"; each at its stage and no other (`desk/herself.go`). In the place of the proof stands her name, typed in her own session, and the signature says so."
}

func TestRolesPage(t *testing.T) {
	const name = "../doc/roles.md"
	if os.Getenv("DVALA_WRITE") != "" {
		if err := os.WriteFile(name, []byte(page()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != page() {
		t.Errorf("%s is not what the table says: DVALA_WRITE=1 go test ./desk -run TestRolesPage (%v)", name, err)
	}
}

// ofNobody are what is asked of the trial as a whole by who has her role at one
// site: what everybody looks at, what is about oneself, and lists that are
// answered from her own sites.
var ofNobody = map[desk.Action]bool{
	"see-overview": true, "see-protocol": true, "see-checkpoint": true, "see-changes": true, "see-report": true,
	"own-sessions": true, "own-passkeys": true, "prove": true, "issue-token": true,
	"see-people": true, "see-trail": true, "see-held": true, "see-stock": true, "see-emergencies": true, "see-allocations": true, "see-invitations": true,
	"see-accounts": true, "manage-accounts": true,
}

// Whoever has a role at every site does in the trial what the role may, and who
// has it at one does not.
func TestTheTrialTakesTheRoleEverywhere(t *testing.T) {
	now := time.Unix(1e9, 0)
	for _, a := range desk.Actions() {
		rule, _ := desk.RuleOf(a)
		for role, reach := range rule.May {
			c := desk.Caller{Account: "x", Strong: now, Grants: []desk.Grant{{Role: role}}}
			if _, err := desk.As(c, a, "", "", now); (err == nil) != (reach != desk.Own) {
				t.Errorf("%s as %s at every site: %v", a, role, err)
			}
		}
	}
	for a, role := range map[desk.Action]study.Role{
		"lock": study.RoleInvestigator, "amend-protocol": study.RoleStatistician, "export": study.RoleInvestigator, "see-ledger": study.RoleMonitor,
		"unlock": study.RoleCoordinator, "extend-list": study.RolePharmacist, "open-allocations": study.RoleCustodian, "sign": study.RoleInvestigator,
		"screen": study.RoleCoordinator, "note-kit": study.RolePharmacist, "approve": study.RoleInvestigator, "see-access-log": study.RoleAdministrator,
	} {
		c := desk.Caller{Account: "x", Strong: now, Grants: []desk.Grant{{Role: role, Site: "lund"}, {Role: role, Site: "umea"}}}
		if _, err := desk.As(c, a, "", "", now); err == nil {
			t.Errorf("%s of the trial as %s of two sites is let through", a, role)
		}
	}
}

// Every action as every role: for her own person, another at the same site, one
// at another site, and the trial. What comes out is held against the table as it
// reads, and not against how it is asked.
func TestEveryActionAsEveryRole(t *testing.T) {
	now := time.Unix(1e9, 0)
	for _, a := range desk.Actions() {
		rule, _ := desk.RuleOf(a)
		for _, role := range study.Roles() {
			c := desk.Caller{Account: "x", Strong: now, Grants: []desk.Grant{{Role: role, Site: "lund"}}}
			if role == study.RoleParticipant {
				c = desk.Participant("P0001")
				c.Strong = now
			}
			reach, may := rule.May[role]
			for _, q := range []struct {
				what, site string
				who        study.Subject
				want       bool
			}{
				{"herself", "lund", "P0001", may && (role == study.RoleParticipant || reach != desk.Own)},
				{"another at her site", "lund", "P0002", may && reach != desk.Own},
				{"one at another site", "umea", "P0003", may && reach != desk.Own && role == study.RoleParticipant},
				{"another site", "umea", "", may && reach != desk.Own && role == study.RoleParticipant},
				{"the trial", "", "", may && reach != desk.Own && (role == study.RoleParticipant || ofNobody[a])},
			} {
				_, err := desk.As(c, a, q.who, q.site, now)
				if (err == nil) != (q.want || rule.Anyone) {
					t.Errorf("%s as %s about %s: %v", a, role, q.what, err)
				}
			}
			c.Strong = now.Add(-desk.StrongFor - time.Second)
			if _, err := desk.As(c, a, "P0001", "lund", now); rule.Strong && err == nil {
				t.Errorf("%s as %s without a fresh proof", a, role)
			}
		}
	}
	if !slices.Contains(desk.Actions(), "randomise") {
		t.Error("the table is empty")
	}
}
