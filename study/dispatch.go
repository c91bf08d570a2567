package study

import "dvala/fault"

// whom says whom a command is about.
type whom int

const (
	onePerson whom = iota // somebody who has a code
	theTrial              // nobody, or somebody who has no code yet
	either                // as its subject says
)

// ruled is a command that brings its own rules: each stands in one file with
// the event that it leads to.
type ruled interface {
	Command
	about() whom
	leads() Kind // of the first event
	decide(d *decision) ([]Event, error)
}

// folded is an event that knows how it changes the state. p is nil of an event
// about the trial as a whole.
type folded interface {
	Event
	fold(s *State, p *Participant, f Fact) error
}

// afterLock is implemented by what may still come when the database is locked:
// what adds nothing to a person's data.
type afterLock interface{ afterLock() }

// aboutWhom says whom a command is about.
func aboutWhom(cmd Command) whom {
	switch c := cmd.(type) {
	case ruled:
		return c.about()
	case Proposal:
		return c.about()
	case Open, Screen, RecordDryRun, Lock, OpenAllocations, RecordReport:
		return theTrial
	}
	return onePerson
}

// ofPerson says whether a command is about a person who has a code.
func ofPerson(cmd Command) bool { return aboutWhom(cmd) == onePerson }

// person finds whom a command is about.
func (d *decision) person(cmd Command) error {
	about := aboutWhom(cmd)
	switch {
	case about == theTrial && d.m.Subject != "":
		return fault.New("subject-unasked", "subject", "this command is about no person, or about one who has no code yet")
	case about == onePerson, about == either && d.m.Subject != "":
		p, ok := d.s.People[d.m.Subject]
		if !ok {
			return fault.New("subject-unknown", "subject", "nobody in the trial has the code %q", d.m.Subject)
		}
		d.p = p
	}
	return nil
}

func isAfterLock(what any) bool {
	_, is := what.(afterLock)
	return is
}
