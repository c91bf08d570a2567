package study

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/schedule"
)

// What was not done is a fact too. A job closes the tasks whose time is over
// (`missed`), and the staff let a person off, with a reason (`excused`). What
// arrives all the same, because it waited on a device, still counts.

// Kinds of facts about tasks and clocks.
const (
	KindMissed      Kind = "missed"
	KindExcused     Kind = "excused"
	KindClockJumped Kind = "clock-jumped" // the server's clock was set
)

type (
	// CloseTasks stores the tasks of a person that are over and were not done. It
	// does nothing where there are none, or she is locked, and can be given at any
	// time.
	CloseTasks struct{}
	// Missed names the tasks.
	Missed struct {
		Tasks []TaskRef `json:"tasks"`
	}
	// Excuse lets a person off a task, with a reason.
	Excuse struct{ TaskRef }
	// Excused names it.
	Excused struct{ TaskRef }
	// TaskRef names a task: a visit by its ID, a night or evening by its date.
	TaskRef struct {
		Task schedule.Kind `json:"task"` // visit, diary, device, dose
		Name string        `json:"name,omitempty"`
		Date civil.Date    `json:"date,omitzero"`
	}
	// NoteClockJump says that the server's clock was set forward or back.
	NoteClockJump struct{ ClockJumped }
	// ClockJumped tells by how much the wall clock moved against a clock that
	// cannot be set.
	ClockJumped struct {
		Seconds float64 `json:"seconds"` // forward, or back where negative
		Server  string  `json:"server,omitempty"`
	}
)

func (CloseTasks) command()         {}
func (CloseTasks) about() whom      { return onePerson }
func (CloseTasks) leads() Kind      { return KindMissed }
func (CloseTasks) afterLock()       {}
func (Excuse) command()             {}
func (Excuse) about() whom          { return onePerson }
func (Excuse) leads() Kind          { return KindExcused }
func (NoteClockJump) command()      {}
func (NoteClockJump) about() whom   { return theTrial }
func (NoteClockJump) leads() Kind   { return KindClockJumped }
func (NoteClockJump) afterLock()    {}
func (Missed) Kind() Kind           { return KindMissed }
func (Excused) Kind() Kind          { return KindExcused }
func (ClockJumped) Kind() Kind      { return KindClockJumped }
func (r TaskRef) Key() schedule.Key { return schedule.Key{Kind: r.Task, Name: r.Name, Date: r.Date} }

// RefOf names a task.
func RefOf(k schedule.Key) TaskRef { return TaskRef{Task: k.Kind, Name: k.Name, Date: k.Date} }

// Lapse is a task that was closed undone, or let off.
type Lapse struct {
	Task   TaskRef
	Entry  uint64
	At     time.Time
	By     string
	Reason string
}

func (c CloseTasks) decide(d *decision) ([]Event, error) {
	if d.p.Locked != nil || d.s.Locked != nil {
		return nil, nil
	}
	var e Missed
	for _, t := range d.tasks() {
		if t.State == schedule.Missed && !slices.ContainsFunc(d.p.Lapsed, func(x Lapse) bool { return x.Task.Key() == t.Key }) {
			e.Tasks = append(e.Tasks, RefOf(t.Key))
		}
	}
	if len(e.Tasks) == 0 {
		return nil, nil
	}
	return []Event{e}, nil
}

func (e Missed) check() error {
	var l fault.List
	for _, t := range e.Tasks {
		t.check(&l)
	}
	return l.Err()
}

func (e Missed) fold(_ *State, p *Participant, f Fact) error {
	for _, t := range e.Tasks {
		p.Lapsed = append(p.Lapsed, Lapse{Task: t, Entry: f.Index, At: f.At, By: f.Actor})
	}
	return nil
}

func (r TaskRef) check(l *fault.List) {
	oneOf(l, "task", string(r.Task), vocabulary["task"]...)
	checkWords(l, "name", r.Name, maxWord)
	if !r.Date.IsZero() {
		checkDate(l, "date", r.Date)
	}
}

func (c Excuse) decide(d *decision) ([]Event, error) {
	if err := d.enrolled(); err != nil {
		return nil, err
	}
	t, ok := schedule.Find(d.tasks(), c.Key())
	switch {
	case !ok:
		return nil, fault.New("task-unknown", "task", "the person has no such task")
	case t.State == schedule.Complete || t.State == schedule.Excused:
		return nil, fault.New("task-done", "task", "this task is %s", t.State)
	}
	return one(Excused(c), d.reasoned("letting somebody off a task"))
}

func (e Excused) fold(_ *State, p *Participant, f Fact) error {
	p.LetOff = append(p.LetOff, Lapse{Task: e.TaskRef, Entry: f.Index, At: f.At, By: f.Actor, Reason: f.Reason})
	return nil
}

func (c NoteClockJump) decide(*decision) ([]Event, error) { return one(c.ClockJumped, c.check()) }

func (e ClockJumped) check() error {
	var l fault.List
	if e.Seconds == 0 || e.Seconds != e.Seconds || e.Seconds > 1e9 || e.Seconds < -1e9 {
		l.Addf("clock-jump", "seconds", "a clock that jumped has moved")
	}
	checkWords(&l, "server", e.Server, maxWord)
	return l.Err()
}

func (e ClockJumped) fold(s *State, _ *Participant, f Fact) error {
	s.ClockJumps = append(s.ClockJumps, Entered[ClockJumped]{f.Index, f.At, e})
	return nil
}

// tasks gives all tasks of a person, doses too.
func (d *decision) tasks() []schedule.Task {
	return append(d.s.Tasks(d.p, d.m.At), d.s.Evenings(d.p, d.m.At)...)
}

// Missed gives the tasks that were stored as missed and have not arrived since.
func (s *State) Missed(p *Participant) []Lapse {
	return slices.DeleteFunc(slices.Clone(p.Lapsed), func(x Lapse) bool {
		return s.ArrivedAt(p, x.Task.Key()).Complete
	})
}
