package main

import (
	"dvala/study"
)

// settle answers and closes the queries that the diaries raised by themselves:
// the coordinator asks, the monitor is content.
func (d *demo) settle() error {
	s := d.trial.State()
	ask, close := d.later(study.RoleCoordinator, "coordinator@main"), d.later(study.RoleMonitor, "monitor")
	n := 0
	for _, who := range s.Order {
		for _, q := range s.People[who].OpenQueries() {
			ask.Subject, close.Subject = who, who
			answer := study.AnswerQuery{QueryAnswered: study.QueryAnswered{Query: q.ID, Text: "asked on the telephone; it stands as it was told"}}
			ask.At = close.At
			if _, err := d.trial.Do(d.ctx, answer, ask); err != nil {
				return err
			}
			if _, err := d.trial.Do(d.ctx, study.CloseQuery{Query: q.ID}, close); err != nil {
				return err
			}
			n++
		}
	}
	if n > 0 {
		d.say("queries    %s that implausible diaries raised, answered and closed", counted(n, "query"))
	}
	return nil
}

// lockPeople locks every participant by the investigator's signature.
func (d *demo) lockPeople(sign study.Meta) error {
	s := d.trial.State()
	for _, who := range s.Order {
		if s.People[who].Enrolled == nil {
			continue
		}
		sign.Subject = who
		if _, err := d.trial.Do(d.ctx, study.LockPerson{}, sign); err != nil {
			return err
		}
	}
	return nil
}
