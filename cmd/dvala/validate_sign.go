package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/estimate"
	"dvala/exchange"
	"dvala/fault"
	"dvala/store/people"
	"dvala/study"
)

// signs: OQ-09. A signature holds its signer's name, its time and its meaning
// (21 CFR 11.50), stands in the entry that it signs, where it cannot be taken out
// (11.70), and covers what there was: a later change shows.
func (q *qualification) signs() (string, error) {
	if q.demo == nil {
		return "", errSkip("there is no trial to try it on")
	}
	person, entry, _, err := aDose(q.demo.trial.State())
	if err != nil {
		return "", err
	}
	m := q.demo.later(study.RoleInvestigator, "investigator@main")
	m.Subject, m.From = person, "page"
	sign := study.Sign{Signed: study.Signed{What: study.OfPerson}}
	_, err = q.demo.trial.Do(q.ctx, sign, m)
	if err := must(err != nil, "a signature without name and meaning is taken"); err != nil {
		return "", err
	}
	m.Signature = &study.Signature{Name: "Ines Lind", Meaning: study.MeansReview, Method: "made-up"}
	r, err := q.demo.trial.Do(q.ctx, sign, m)
	if err != nil {
		return "", err
	}
	entries, err := q.demo.trial.Entries(q.ctx, r.First, 1)
	if err != nil {
		return "", err
	}
	f, err := study.Decode(entries[0])
	if err != nil {
		return "", err
	}
	s := f.Signature
	if err := must(s != nil && s.Name == "Ines Lind" && s.Meaning == study.MeansReview && f.At.Equal(m.At) && f.From == "page", "the entry holds %+v of %v, from %q", s, f.At, f.From); err != nil {
		return "", err
	}
	c := q.demo.later(study.RoleCoordinator, "coordinator@main")
	c.Subject, c.Reason = person, "qualification"
	if _, err := q.demo.trial.Do(q.ctx, study.Correct{Entry: entry, Field: "units", New: []byte("1")}, c); err != nil {
		return "", err
	}
	all := q.demo.trial.State().SignaturesOf(person)
	return fmt.Sprintf("entry %d", r.First), must(len(all) > 0 && all[len(all)-1].Stale, "a signature covers what was changed after it")
}

// accounted: OQ-10. An account is one person's and is not given again (21 CFR
// 11.100(a), 11.300(a)); the first signature of a session asks for its ID and a
// proof (11.200(a)); a link works once, and not after the account was closed
// (11.300(b), (c)); and all of it stands in a log that shows a change (11.300(d)).
func (q *qualification) accounted() (string, error) {
	dir := filepath.Join(q.dir, "people")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fault.Wrap("validate", dir, err)
	}
	rows, err := people.Open(q.ctx, dir)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	s, err := access.New(access.Config{Store: rows, Door: shellDoor{}, Now: q.Now, Rand: rand.Reader, Origin: "http://localhost"})
	if err != nil {
		return "", err
	}
	defer s.Close()
	one := access.Account{ID: "ines.lind", Name: "Ines Lind"}
	if _, err := s.AddAccount(q.ctx, access.Shell(), one); err != nil {
		return "", err
	}
	link := func() (string, error) {
		h, err := s.LinkFor(q.ctx, access.Shell(), one.ID)
		return h.URL[strings.LastIndex(h.URL, "/")+1:], err
	}
	token, err := link()
	if err != nil {
		return "", err
	}
	in, err := s.Redeem(q.ctx, access.Visit{Addr: "a"}, token)
	if err != nil {
		return "", err
	}
	if _, err := s.Redeem(q.ctx, access.Visit{Addr: "a"}, token); err == nil {
		return "", fault.New("validate", "", "a link let somebody in twice")
	}
	c := desk.Caller{Account: one.ID, Name: one.Name, Session: in.ID}
	for _, typed := range []string{"", "somebody.else"} {
		_, err := s.Signature(q.ctx, c, typed, study.MeansReview)
		if err := wants(err, desk.CodeStrong, "a first signature without the account's ID"); err != nil {
			return "", err
		}
	}
	if token, err = link(); err != nil {
		return "", err
	}
	if err := s.CloseAccount(q.ctx, access.Shell(), one.ID, "qualification"); err != nil {
		return "", err
	}
	if _, err := s.Redeem(q.ctx, access.Visit{Addr: "b"}, token); err == nil {
		return "", fault.New("validate", "", "a closed account let somebody in")
	}
	if _, err := s.AddAccount(q.ctx, access.Shell(), one); err == nil {
		return "", fault.New("validate", "", "the ID of a closed account was given again")
	}
	n, _, err := access.VerifyLog(q.ctx, rows)
	return fmt.Sprintf("%d lines in the access log, unchanged", n), err
}

// copied: OQ-11. Everything can be copied out, as tables that a person reads and
// as files that a program reads, with the same people in them (21 CFR 11.10(b)).
func (q *qualification) copied() (string, error) {
	if q.demo == nil {
		return "", errSkip("there is no trial to try it on")
	}
	groups, known := estimate.Allocation{}, study.Instruments(q.demo.trial.State().Instrument)
	files, err := exchange.Export(q.demo.checked, q.demo.trial.State(), groups, known)
	if err != nil {
		return "", err
	}
	odm, err := exchange.ODM(q.demo.checked, q.demo.trial.State(), groups, known)
	if err != nil {
		return "", err
	}
	for _, who := range q.demo.trial.State().Order {
		in := false
		for _, f := range files {
			in = in || strings.Contains(string(f.Bytes), string(who))
		}
		if !in || !strings.Contains(string(odm.Bytes), string(who)) {
			return "", fault.New("validate", string(who), "is missing from a copy")
		}
	}
	return fmt.Sprintf("%d tables, and ODM of %d bytes, of %d people", len(files), len(odm.Bytes), len(q.demo.trial.State().Order)), nil
}
