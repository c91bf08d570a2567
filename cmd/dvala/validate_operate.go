package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dvala/civil"
	"dvala/cmd/dvala-verify/audit"
	"dvala/desk"
	"dvala/fault"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/store"
	"dvala/study"
)

// qualification is the tests on their way: a made-up trial of twelve people
// that lives from one test to the next.
type qualification struct {
	*Program
	ctx      context.Context
	dir      string
	protocol string
	with     configured
	demo     *demo
}

// qualified is one test.
type qualified struct {
	id, title string
	do        func(*qualification) (string, error)
}

// qualifications are the tests, in the order in which they are run.
var qualifications = []qualified{
	{"IQ-01", "The program is what it says", (*qualification).installed},
	{"IQ-02", "The disk keeps what it is given", (*qualification).synced},
	{"IQ-03", "The clock goes", (*qualification).clock},
	{"IQ-04", "Time zone rules", (*qualification).zones},
	{"IQ-05", "Arithmetic", (*qualification).arithmetic},
	{"IQ-06", "Secrets are kept from others", (*qualification).secrets},
	{"IQ-07", "The database keeps what it is given", (*qualification).databased},
	{"IQ-08", "The place for files gives back what it is given", (*qualification).shelved},
	{"IQ-09", "The mail server takes us", (*qualification).mailed},
	{"IQ-10", "The provider that signs staff in answers", (*qualification).signedOn},
	{"OQ-01", "No arm in any byte of a trial under way", (*qualification).blinded},
	{"OQ-02", "Rules: consent first, a key once, an end of the list, corrections that keep", (*qualification).rules},
	{"OQ-09", "A signature has name, time and meaning, and shows what came after it", (*qualification).signs},
	{"OQ-11", "Everything can be copied out", (*qualification).copied},
	{"OQ-10", "Accounts are one person's, links work once, the access log is whole", (*qualification).accounted},
	{"OQ-03", "What was acknowledged is there when the trial is opened again", (*qualification).kept},
	{"OQ-04", "Dry run, lock, openings, report: in no other order", (*qualification).order},
	{"OQ-05", "A changed byte is found", (*qualification).tampered},
	{"OQ-06", "Backup and restore give the same hashes", (*qualification).restored},
	{"OQ-07", "The same seed gives the same results", (*qualification).again},
	{"OQ-08", "What is not in the table nobody may do", (*qualification).denied},
	{"PQ-01", "The operator's own protocol asks what it should, day by day", (*qualification).own},
}

// errSkip says why a test was not run.
type errSkip string

func (e errSkip) Error() string { return string(e) }

func (q *qualification) run(t qualified) validated {
	out := validated{ID: t.id, Title: t.title, Result: passed}
	began := time.Now()
	detail, err := t.do(q)
	out.Second, out.Detail = float64(time.Since(began).Milliseconds())/1000, detail
	if skip, is := err.(errSkip); is {
		out.Result, out.Detail = skipped, string(skip)
		return out
	}
	if err != nil {
		out.Result, out.Detail = failed, err.Error()
		var l fault.List
		l.Merge("validate", "", err)
		out.Hint = l[0].Hint
	}
	return out
}

// must fails with a sentence where something does not hold.
func must(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fault.New("validate", "", format, args...)
}

// wants says whether an error has a code.
func wants(err error, code fault.Code, what string) error {
	if fault.CodeOf(err) == code {
		return nil
	}
	return fault.New("validate", "", "%s: %v, and should be refused with %s", what, err, code)
}

// play lets a trial of made-up people come as far as before the dry run.
func (q *qualification) play(name string) (*demo, error) {
	quiet := *q.Program
	quiet.Stdout, quiet.Stderr, quiet.Terminal = &bytes.Buffer{}, &bytes.Buffer{}, false
	d := &demo{DemoCmd: DemoCmd{Dir: filepath.Join(q.dir, name), Seed: 7, Participants: 12, Example: "mgt-2024"}, Program: &quiet, ctx: q.ctx}
	for _, step := range []func() error{d.clear, d.writeProtocol, d.seal, d.open, d.play} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// blinded: OQ-01.
func (q *qualification) blinded() (string, error) {
	var err error
	if q.demo, err = q.play("trial"); err != nil {
		return "", err
	}
	n := 0
	err = filepath.WalkDir(q.demo.Dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && e.Name() == custodianDir:
			return fs.SkipDir // another machine, in a real trial
		case e.IsDir():
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil || bytes.Equal(raw, q.demo.source) {
			return err
		}
		n++
		for _, a := range q.demo.checked.Protocol().Arms {
			if bytes.Contains(raw, []byte(a.ID)) {
				return fault.New("validate", path, "holds the name of an arm")
			}
		}
		return nil
	})
	return fmt.Sprintf("%d files searched", n), err
}

// rules: OQ-02.
func (q *qualification) rules() (string, error) {
	if q.demo == nil {
		return "", errSkip("there is no trial to try it on")
	}
	t, at := q.demo.trial, q.demo.later(study.RoleCoordinator, "coordinator@main")
	try := func(cmd study.Command, who study.Subject, key, reason string) (store.Receipt, error) {
		m := at
		m.Subject, m.Key, m.Reason = who, key, reason
		return t.Do(q.ctx, cmd, m)
	}
	somebody := t.State().Order[0]
	screened := t.State().People[somebody].Screening
	r, err := try(study.Screen{Site: screened.Site, Answers: eligible(t.State())}, "", "validate-1", "")
	if err != nil {
		return "", err
	}
	_, err = try(study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, r.Subject, "validate-2", "")
	if err := wants(err, "no-consent", "enrolling before consent"); err != nil {
		return "", err
	}
	again, err := try(study.Screen{Site: screened.Site, Answers: eligible(t.State())}, "", "validate-1", "")
	if err != nil || again.Subject != r.Subject || !again.Repeated {
		return "", fault.New("validate", "", "a key that came twice was done twice: %s and %s, %v", r.Subject, again.Subject, err)
	}
	person, entry, old, err := aDose(t.State())
	if err != nil {
		return "", err
	}
	_, err = try(study.Correct{Entry: entry, Field: "units", New: []byte("0")}, person, "validate-3", "")
	if err := wants(err, "reason-missing", "a correction without a reason"); err != nil {
		return "", err
	}
	if _, err = try(study.Correct{Entry: entry, Field: "units", New: []byte("0")}, person, "validate-4", "qualification"); err != nil {
		return "", err
	}
	c := t.State().People[person].Corrections
	last := c[len(c)-1]
	if err := must(string(last.Old) == fmt.Sprint(old) && last.Reason == "qualification" && last.By == at.Actor, "the correction does not keep what was there: %+v", last); err != nil {
		return "", err
	}
	return "", q.exhaust()
}

// exhaust takes every slot of one stratum, in memory alone, and asks for one
// more.
func (q *qualification) exhaust() error {
	live := q.demo.trial.State()
	s := study.New(q.demo.checked, study.SealedOf(q.demo.list), live.Instrument)
	at := live.OpenedAt
	do := func(cmd study.Command, who study.Subject) (study.Subject, error) {
		at = at.Add(time.Minute)
		facts, err := s.Do(cmd, study.Meta{At: at, Actor: "coordinator@main", Role: study.RoleCoordinator, Subject: who})
		if err != nil {
			return "", err
		}
		return facts[0].Subject, nil
	}
	if _, err := do(study.Open{Opened: *live.Opened}, ""); err != nil {
		return err
	}
	taken := map[int]bool{}
	p := q.demo.checked.Protocol()
	for range q.demo.list.Len() + 1 {
		who, err := do(study.Screen{Site: p.Sites[0].ID, Answers: eligible(live)}, "")
		if err != nil {
			return err
		}
		for _, cmd := range []study.Command{study.Consent{Version: p.Consent.Version, Language: p.Languages[0]}, study.Enrol{Zone: p.Zone, Wake: 420}} {
			if _, err := do(cmd, who); err != nil {
				return err
			}
		}
		if _, err := do(study.Randomise{}, who); err != nil {
			return wants(err, "stratum-exhausted", fmt.Sprintf("randomising after %d", len(taken)))
		}
		slot := s.People[who].Randomised.Slot
		if taken[slot] {
			return fault.New("validate", "", "slot %d was given twice", slot)
		}
		taken[slot] = true
	}
	return fault.New("validate", "", "more people were randomised than the list has slots")
}

// aDose finds a dose that was told.
func aDose(s *study.State) (study.Subject, uint64, int, error) {
	for _, who := range s.Order {
		p := s.People[who]
		for _, d := range p.Doses {
			if _, left := p.WithdrewFrom("follow-up"); !left && d.Units > 0 {
				return who, d.Entry, d.Units, nil
			}
		}
	}
	return "", 0, 0, errSkip("nobody has told a dose")
}

// eligible gives the screening answers of somebody who was let in.
func eligible(s *study.State) protocol.Answers {
	for _, who := range s.Order {
		if p := s.People[who]; p.Screening.Eligible {
			return p.Screening.Answers
		}
	}
	return nil
}

// kept: OQ-03.
func (q *qualification) kept() (string, error) {
	if q.demo == nil {
		return "", errSkip("there is no trial to try it on")
	}
	before, root := q.demo.trial.State().Entries, q.demo.trial.State().Root()
	if err := q.demo.trial.Close(); err != nil {
		return "", err
	}
	t, err := store.Open(q.ctx, q.demo.Dir)
	if err != nil {
		return "", err
	}
	q.demo.trial = t
	return fmt.Sprintf("%d entries", before), must(t.State().Entries == before && t.State().Root() == root, "%d entries and another root, where there were %d", t.State().Entries, before)
}

// order: OQ-04.
func (q *qualification) order() (string, error) {
	if q.demo == nil {
		return "", errSkip("there is no trial to try it on")
	}
	d := q.demo
	_, err := d.trial.Do(q.ctx, study.Lock{}, d.later(study.RoleInvestigator, "investigator@main"))
	if fault.CodeOf(err) == "" {
		return "", fault.New("validate", "", "the lock came before the dry run: %v", err)
	}
	if err := d.dryRun(); err != nil {
		return "", err
	}
	nothing := study.File{SHA256: strings.Repeat("0", 64), Bytes: 1, Name: "none"}
	_, err = d.trial.Do(q.ctx, study.OpenAllocations{AllocationsOpen: study.AllocationsOpen{Openings: nothing}}, d.later(study.RoleCustodian, "custodian"))
	if err := wants(err, "not-locked", "openings before the lock"); err != nil {
		return "", err
	}
	if err := d.lockAndOpen(); err != nil {
		return "", err
	}
	late := d.later(study.RoleCoordinator, "coordinator@main")
	_, err = d.trial.Do(q.ctx, study.Screen{Site: d.checked.Protocol().Sites[0].ID, Answers: eligible(d.trial.State())}, late)
	if err := wants(err, "locked", "a screening after the lock"); err != nil {
		return "", err
	}
	return "", d.report()
}

// tampered: OQ-05.
func (q *qualification) tampered() (string, error) {
	if q.demo == nil {
		return "", errSkip("there is no trial to try it on")
	}
	dir := filepath.Join(q.dir, "export")
	if err := q.demo.trial.Export(q.ctx, dir); err != nil {
		return "", err
	}
	if r := audit.Check(os.DirFS(dir), audit.Options{}); !r.Sound() {
		return "", fault.New("validate", "", "the trial does not verify as it is")
	}
	path := filepath.Join(dir, audit.LedgerFile)
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	r := rand.New(rand.NewPCG(1, 2))
	const tries = 5
	for range tries {
		changed := bytes.Clone(raw)
		changed[r.IntN(len(raw))] ^= 1
		if err := os.WriteFile(path, changed, 0o644); err != nil {
			return "", err
		}
		if audit.Check(os.DirFS(dir), audit.Options{}).Sound() {
			return "", fault.New("validate", "", "a changed byte was not found")
		}
	}
	return fmt.Sprintf("%d of %d found", tries, tries), os.WriteFile(path, raw, 0o644)
}

// restored: OQ-06.
func (q *qualification) restored() (string, error) {
	if q.demo == nil {
		return "", errSkip("there is no trial to try it on")
	}
	backup, again := filepath.Join(q.dir, "backup"), filepath.Join(q.dir, "again")
	made, err := store.Backup(q.ctx, store.Where{Dir: q.demo.Dir}, backup, Release(), q.Now())
	if err != nil {
		return "", err
	}
	back, err := store.Restore(q.ctx, backup, store.Where{Dir: again})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("root %.16s…", fmt.Sprint(back.Root)), must(made.Root == back.Root && made.Entries == back.Entries, "the restored trial has another root")
}

// again: OQ-07.
func (q *qualification) again() (string, error) {
	var results [2][]byte
	for i := range results {
		d, err := q.play(fmt.Sprintf("again-%d", i))
		if err != nil {
			return "", err
		}
		a, err := analyseTrial(d.trial)
		if err != nil {
			return "", err
		}
		results[i] = a.JSON
		if err := d.trial.Close(); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d bytes", len(results[0])), must(bytes.Equal(results[0], results[1]), "two runs from one seed gave different results")
}

// denied: OQ-08.
func (q *qualification) denied() (string, error) {
	now := q.Now()
	for _, name := range study.CommandNames() {
		if _, ok := desk.RuleOf(desk.Action(name)); !ok {
			return "", fault.New("validate", name, "this command is in no row of the table")
		}
	}
	n := 0
	for _, a := range desk.Actions() {
		rule, _ := desk.RuleOf(a)
		for _, role := range study.Roles() {
			_, may := rule.May[role]
			c := desk.Caller{Account: "x", Strong: now, Grants: []desk.Grant{{Role: role}}}
			if role == study.RoleParticipant {
				c = desk.Participant("P0001")
			}
			_, err := desk.As(c, a, "P0001", "", now)
			if !may && !rule.Anyone && err == nil {
				return "", fault.New("validate", string(a), "%s may, and the table does not say so", role)
			}
			n++
		}
	}
	_, err := desk.As(desk.Caller{Account: "x"}, "what-is-not-there", "", "", now)
	return fmt.Sprintf("%d pairs of action and role", n), wants(err, desk.CodeForbidden, "an action that is not in the table")
}

// own: PQ-01. Somebody who is randomised on the first day of the protocol has a
// task for each visit, each morning of the diary and each night of a device.
func (q *qualification) own() (string, error) {
	if q.protocol == "" {
		return "", errSkip("no protocol was given: --protocol FILE")
	}
	f, err := parseProtocol(q.protocol)
	if err == nil {
		err = f.problems.Err()
	}
	if err != nil {
		return "", err
	}
	p := f.checked.Protocol()
	want := len(p.Visits)
	if p.Diary != nil {
		want += p.Diary.ToDay - p.Diary.FromDay + 1
	}
	for _, d := range p.Devices {
		want += d.ToDay - d.FromDay + 1
	}
	zone, err := civil.Zone(p.Zone)
	if err != nil {
		return "", err
	}
	plan := schedule.Plan(f.checked, schedule.Anchor{Enrolled: p.Dates.Start.Add(-p.Design.RunInDays), Randomised: p.Dates.Start, Zone: zone})
	got := 0
	for _, t := range plan {
		switch t.Kind {
		case schedule.Visit, schedule.Diary, schedule.Device:
			got++
		}
	}
	return fmt.Sprintf("%s %s: %d tasks a person", p.ID, p.Version, len(plan)), must(got == want, "%d visits, mornings and nights are planned, and the protocol has %d", got, want)
}
