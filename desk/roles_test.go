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
		"O is one's own, S the people of one's sites, T the whole trial; ! asks for a proof of who one is within the last five minutes.\n\n| action |")
	roles := study.Roles()
	for _, r := range roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(roles)) + "\n")
	for _, a := range desk.Actions() {
		rule, _ := desk.RuleOf(a)
		mark := ""
		switch {
		case rule.Strong:
			mark = " !"
		case rule.Anyone:
			mark = " (anyone)"
		}
		fmt.Fprintf(&b, "| %s%s |", a, mark)
		for _, r := range roles {
			reach, ok := rule.May[r]
			cell := ""
			if ok {
				cell = string("OST"[reach])
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteByte('\n')
	}
	return b.String()
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
