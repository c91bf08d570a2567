package desk

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dvala/civil"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// Stage is how far somebody has come with a trial that she runs herself.
type Stage string

// The stages, in their order.
const (
	ComingIn Stage = "coming-in" // not enrolled yet
	RunIn    Stage = "run-in"    // the diary alone, before the first box
	ToDraw   Stage = "draw"      // the order can be drawn
	UnderWay Stage = "under-way" // boxes are opened and emptied
	ToClose  Stage = "close"     // the last box is over
	ToOpen   Stage = "open"      // locked: the custodian's turn
	ToReport Stage = "report"    // opened, and not reported yet
	Told     Stage = "told"      // the results are there
)

// Course is how such a trial stands.
type Course struct {
	Stage   Stage
	Planned civil.Date // of the draw
	Boxes   []Box
	Next    *Box       // what is to be done with a box now: opened, or counted
	Over    civil.Date // the last day on which something is taken
	Doubts  int        // open queries, which keep it from being closed
}

// Box is what is taken from in one period, or up to one visit of it.
type Box struct {
	N        int    // from 1
	Visit    string // at which it is opened,
	Back     string // and at which it is counted
	Opens    civil.Date
	Ends     civil.Date
	Kit      string // its number; empty until the order is drawn
	Opened   bool
	Left     *int // counted when it was over
	ToReturn bool // its end has come
}

// RunsIt says whether somebody is the one person who runs the trial herself: the
// first whom it fits, and no other.
func RunsIt(s *study.State, who study.Subject) bool {
	if s.Protocol.Protocol().Design.RunBy != protocol.ByParticipant {
		return false
	}
	i := slices.IndexFunc(s.Order, func(x study.Subject) bool { return s.People[x].Eligible() })
	return i >= 0 && s.Order[i] == who
}

// CourseOf says how the trial of somebody who runs it stands.
func CourseOf(s *study.State, p *study.Participant, now time.Time) Course {
	c := Course{Stage: stageOf(s, p, now), Doubts: len(p.OpenQueries())}
	if p.Enrolled == nil {
		return c
	}
	c.Planned = p.Enrolled.Planned
	first, today := c.Planned, civil.DateOf(now.In(zoneOf(s, p)))
	if p.Randomised != nil {
		first = p.Randomised.Date
	}
	design := s.ProtocolFor(p, now).Protocol().Design
	c.Over = first.Add(s.Protocol.PeriodStart(max(design.Periods, 1)) + design.TreatmentDays)
	c.Boxes = boxesOf(s, p, first, today)
	if c.Stage == UnderWay || c.Stage == ToClose {
		c.Next = nextBox(c.Boxes, today, p.OffTreatment())
	}
	return c
}

func stageOf(s *study.State, p *study.Participant, now time.Time) Stage {
	_, left := p.WithdrewFrom(study.FromFollowUp)
	switch {
	case s.Reported != nil:
		return Told
	case s.Openings != nil:
		return ToReport
	case s.Locked != nil:
		return ToOpen
	case p.Enrolled == nil:
		return ComingIn
	case left || p.Completed != nil || lastPeriodOver(s, p, now):
		return ToClose
	case p.Randomised != nil:
		return UnderWay
	case civil.DateOf(now.In(zoneOf(s, p))).Before(p.Enrolled.Planned):
		return RunIn
	}
	return ToDraw
}

// boxesOf lays out what is handed out, each with where its return is noted.
func boxesOf(s *study.State, p *study.Participant, first, today civil.Date) []Box {
	var out []Box
	left := s.KitsLeft(p)
	visits := s.Visits(p)
	for _, v := range visits {
		switch {
		case v.Dispense:
			b := Box{N: len(out) + 1, Visit: v.ID, Opens: first.Add(v.Day)}
			if i := slices.IndexFunc(p.Kits, func(k study.KitGiven) bool { return k.Visit == v.ID && k.Replaced == "" }); i >= 0 {
				b.Kit, b.Opened, b.Left = p.Kits[i].Kit, true, p.Kits[i].Returned
			} else if i := slices.IndexFunc(left, func(k study.Kit) bool { return k.Visit == v.ID }); i >= 0 {
				b.Kit = left[i].Number
			}
			out = append(out, b)
		case v.Return && len(out) > 0:
			b := &out[len(out)-1]
			b.Back, b.Ends = v.ID, first.Add(v.Day)
			b.ToReturn = !today.Before(b.Ends)
		}
	}
	return out
}

// nextBox gives the box that is to be counted, or else opened. A box whose time
// went by unopened stays shut.
func nextBox(all []Box, today civil.Date, stopped bool) *Box {
	for i, b := range all {
		due := !today.Before(b.Opens) && (b.Ends.IsZero() || today.Before(b.Ends))
		if b.Opened && b.Left == nil && b.Back != "" && b.ToReturn || !b.Opened && due && !stopped {
			return &all[i]
		}
	}
	return nil
}

// hats are what she does beside taking part, each in the role whose act it is
// elsewhere. The table lets that role do it; here it is she who has the role.
var hats = map[Action]study.Role{
	"randomise": study.RoleCoordinator, "dispense": study.RoleCoordinator, "return": study.RoleCoordinator, "complete": study.RoleCoordinator,
	"record-dry-run": study.RoleStatistician, "lock-person": study.RoleInvestigator, "lock": study.RoleInvestigator,
	"open-allocations": study.RoleCustodian, "record-report": study.RoleStatistician,
}

// Hats gives them, for the page of roles and for tests.
func Hats() map[Action]study.Role {
	out := map[Action]study.Role{}
	for a, r := range hats {
		out[a] = r
	}
	return out
}

// MethodTyped is how she proves who she is when she signs: in her own session, by
// her name. There is nobody else whom it could be told from.
const MethodTyped = "name typed, in the session of the only participant"

// longestName bounds a name that is typed.
const longestName = 120

// doHerself gives a command of the trial that a participant runs herself, under
// her code and in the role whose act it is. What is signed is signed with her
// name.
func (o *Office) doHerself(ctx context.Context, c Caller, r Request, name string) (Receipt, error) {
	a := Action(study.NameOf(r.Cmd))
	role, ok := hats[a]
	if !ok {
		return Receipt{}, refused(a)
	}
	if err := o.runsIt(ctx, c); err != nil {
		return Receipt{}, err
	}
	m := study.Meta{Actor: c.Account, Role: role, Reason: r.Reason, Key: r.Key, Subject: r.Subject, From: c.From}
	if rule, _ := RuleOf(a); rule.Strong && a != "open-allocations" {
		signs, err := signsAs(name)
		if err != nil {
			return Receipt{}, err
		}
		m.Signature = &study.Signature{Name: signs, Meaning: study.MeansResponsibility, Method: MethodTyped}
	}
	return o.tell(ctx, r.Cmd, m)
}

// signsAs gives a name as it is printed.
func signsAs(typed string) (string, error) {
	name := strings.Join(strings.Fields(typed), " ")
	if n := utf8.RuneCountInString(name); n == 0 || n > longestName {
		return "", fault.New("name-missing", "name", "the name is missing with which this is signed")
	}
	return name, nil
}

// CodeRunByStaff says that a trial is not run by its participant.
const CodeRunByStaff fault.Code = "run-by-staff"

// runsIt refuses whoever does not run the trial herself.
func (o *Office) runsIt(ctx context.Context, c Caller) error {
	return o.See(ctx, c, "run-own-trial", c.Subject, func(s *study.State) error {
		if s.Protocol.Protocol().Design.RunBy != protocol.ByParticipant {
			return fault.New(CodeRunByStaff, "run-own-trial", "staff run this trial")
		}
		if !RunsIt(s, c.Subject) {
			return refused("run-own-trial")
		}
		return nil
	})
}

// Draw has the order drawn that the helper sealed: not before the diary's first
// days are over.
func (o *Office) Draw(ctx context.Context, c Caller, key string) (Receipt, error) {
	err := o.atStage(ctx, c, key, ToDraw)
	if err != nil {
		return Receipt{}, err
	}
	return o.doHerself(ctx, c, Request{Cmd: study.Randomise{}, Subject: c.Subject, Key: key}, "")
}

// OpenBox notes that the next box is opened.
func (o *Office) OpenBox(ctx context.Context, c Caller, visit, key string) (Receipt, error) {
	if err := o.atStage(ctx, c, key, UnderWay); err != nil {
		return Receipt{}, err
	}
	return o.doHerself(ctx, c, Request{Cmd: study.Dispense{Visit: visit}, Subject: c.Subject, Key: key}, "")
}

// CountBox notes how much was left in a box when it was over.
func (o *Office) CountBox(ctx context.Context, c Caller, visit string, units int, key string) (Receipt, error) {
	if err := o.atStage(ctx, c, key, UnderWay, ToClose); err != nil {
		return Receipt{}, err
	}
	kit := ""
	o.store.View(func(s *study.State) {
		for _, b := range CourseOf(s, s.People[c.Subject], o.now()).Boxes {
			if b.Back == visit {
				kit = b.Kit
			}
		}
	})
	return o.doHerself(ctx, c, Request{Cmd: study.Return{Visit: visit, Kit: kit, Units: units}, Subject: c.Subject, Key: key}, "")
}

// atStage refuses what another stage's is, unless it was done under this key.
func (o *Office) atStage(ctx context.Context, c Caller, key string, want ...Stage) error {
	if err := o.runsIt(ctx, c); err != nil {
		return err
	}
	return o.See(ctx, c, "run-own-trial", c.Subject, func(s *study.State) error {
		if _, _, done := s.Done(key); done && key != "" {
			return nil
		}
		if got := CourseOf(s, s.People[c.Subject], o.now()).Stage; !slices.Contains(want, got) {
			return fault.New("own-stage", string(got), "this is not the time for it")
		}
		return nil
	})
}
