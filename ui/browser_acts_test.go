package ui

import (
	"strconv"
	"strings"
	"testing"

	"dvala/custody"
	"dvala/seal"
	"dvala/study"
)

// act opens a form, fills it in and sends it; it leads to a page.
func (b *browser) act(form string, fields map[string]string, to string) {
	b.t.Helper()
	b.open(form)
	for name, value := range fields {
		b.fill(name, value)
	}
	b.press("main .send button", to)
}

// approve signs the one proposal that waits.
func (b *browser) approve(account string) {
	b.t.Helper()
	b.open("/proposals")
	b.fill("signature", account)
	b.press(`article.proposal form:has([value="approve"]) button`, "/proposals")
	if got := b.text("article.proposal"); got != "" {
		b.t.Errorf("it waits still: %s", got)
	}
}

// What wants two people, in their browsers: a list goes on and an amendment is
// made, each proposed by one and approved with a passkey by another; she who
// proposed sees no button.
func TestTwoPeople(t *testing.T) {
	c := newClinic(t)
	coord := c.staff("kim.ek", "Kim Ek", study.RoleCoordinator)
	inv := c.staff("ines.lind", "Ines Lind", study.RoleInvestigator)
	stat := c.staff("sten.tal", "Sten Tal", study.RoleStatistician)

	more := must(custody.Extend(c.proto, c.list, custody.Extension{Slots: 4, Key: c.key}, custody.Options{})).List
	coord.open("/do/extend-list")
	coord.bring("sealed_file", "sealed.dvl", []byte("not a list"))
	coord.fill("reason", "more come than were planned")
	coord.press("main .send button", "/do/extend-list")
	if got := coord.text(".field.wrong .problem"); got == "" {
		t.Error("a file that is no list is taken")
	}
	coord.bring("sealed_file", "sealed.dvl", more.Bytes())
	coord.press("main .send button", "/proposals")
	if ask1[bool](coord, `document.querySelector('[value="approve"]') !== null`) {
		t.Error("she may approve what she proposed")
	}
	coord.inspect("two-1-proposed")
	inv.open("/proposals")
	inv.inspect("two-2-to-approve")
	inv.approve("ines.lind")
	if lists := c.state.Lists(); len(lists) != 2 || lists[1] != more.Hash().String() {
		t.Errorf("the list does not go on: %v", lists)
	}

	next := strings.Replace(strings.Replace(c.source, `version: "1"`, `version: "2"`, 1), "sample_size: made for tests", "sample_size: made for tests, and amended", 1)
	next = strings.Replace(next, "{serious_within_hours: 24}", "{serious_within_hours: 48}", 1)
	stat.open("/do/amend-protocol")
	stat.bring("protocol_file", "protocol.yaml", []byte(next))
	stat.fill("summary", "More time to pass a serious event on.")
	stat.fill("reason", "the committee asks for it")
	stat.press("main .send button", "/do/amend-protocol") // to look at what differs
	if got := stat.text("main table"); !strings.Contains(got, "24") || !strings.Contains(got, "48") {
		t.Errorf("before it is proposed, what differs: %q", got)
	}
	stat.press("main .send button.main", "/proposals")
	inv.open("/proposals")
	if got := inv.text("article.proposal table"); !strings.Contains(got, "24") || !strings.Contains(got, "48") {
		t.Errorf("what differs: %q", got)
	}
	inv.inspect("two-3-amendment")
	inv.approve("ines.lind")
	if len(c.state.Amendments) != 1 || c.state.Amendments[0].Version != "2" {
		t.Fatalf("%+v", c.state.Amendments)
	}
	inv.act("/do/put-amendment-in-force", map[string]string{"version": "2", "site": "main"}, "/protocol")
	inv.inspect("two-4-in-force")
	if c.state.Amendments[0].From["main"].IsZero() {
		t.Error("it is not in force")
	}
	coord.open("/proposals")
	coord.inspect("two-5-settled")
}

// The end, in a browser: locked, opened again by two people with a reason, locked
// once more, and the custodian's openings published; another trial's are refused.
func TestLockUnlockAndOpenings(t *testing.T) {
	c := newClinic(t)
	who := c.person(41)
	inv := c.staff("ines.lind", "Ines Lind", study.RoleInvestigator)
	mon := c.staff("mona.berg", "Mona Berg", study.RoleMonitor)
	cust := c.staff("carl.nord", "Carl Nord", study.RoleCustodian)
	lock := func() {
		t.Helper()
		c.do(study.RecordDryRun{DryRun: study.DryRun{Results: c.put("{}"), Report: c.put("<!doctype html><title>dry</title>")}}, c.after(), "")
		if c.state.People[who].Locked == nil {
			inv.act("/participants/"+string(who)+"/do/lock-person", map[string]string{"grave": "yes", "signature": "ines.lind"}, "/participants/"+string(who))
		}
		inv.act("/do/lock", map[string]string{"grave": "yes", "signature": "ines.lind"}, "/end")
		if c.state.Locked == nil {
			t.Fatal("it is not locked")
		}
	}
	lock()
	inv.inspect("end-1-locked")
	mon.act("/do/unlock-trial", map[string]string{"reason": "a visit was typed into the wrong person"}, "/proposals")
	if c.state.Locked == nil {
		t.Fatal("one person alone unlocked it")
	}
	inv.open("/proposals")
	inv.inspect("end-2-unlock")
	if got := inv.text("article.proposal"); !strings.Contains(got, "wrong person") {
		t.Errorf("the reason: %q", got)
	}
	inv.approve("ines.lind")
	if c.state.Locked != nil {
		t.Fatal("it is locked still")
	}
	inv.act("/do/sign-trial", map[string]string{"signature": "ines.lind"}, "/end")
	lock()
	cust.open("/do/open-allocations")
	cust.inspect("end-3-openings")
	other := must(custody.Seal(c.proto, custody.Options{})).List
	cust.bring("openings_file", "openings.dvl", must(custody.OpenAll(c.key, other)).Bytes())
	cust.fill("grave", "yes")
	cust.press("main .send button", "/do/open-allocations")
	if got := cust.text(".field.wrong .problem"); got == "" || c.state.Openings != nil {
		t.Errorf("another list's openings: %q", got)
	}
	good := must(custody.OpenAll(c.key, c.list))
	cust.bring("openings_file", "openings.dvl", good.Bytes())
	cust.fill("grave", "yes")
	cust.press("main .send button", "/end")
	cust.inspect("end-4-open")
	if c.state.Openings == nil || c.state.Openings.Openings.SHA256 == "" || must(seal.ParseOpenings(strings.NewReader(string(c.files[c.state.Openings.Openings.SHA256])), c.list)).Len() != c.list.Len() {
		t.Error("the openings are not published")
	}
	if got := cust.text(".steps"); got == "" {
		t.Error("no steps", strconv.Itoa(len(got)))
	}
}
