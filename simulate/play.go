package simulate

import (
	"container/heap"
	"context"
	"fmt"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// Item is one command with its circumstances.
type Item struct {
	Cmd  study.Command
	Meta study.Meta
}

// Trial is where the commands go: a trial directory, or memory.
type Trial interface {
	// Do gives the commands in their order and reports the first that was
	// refused; those after it are not given.
	Do(ctx context.Context, items []Item) error
	// State is the state after the last Do.
	State() *study.State
	// Put stores a file and names it.
	Put(ctx context.Context, name string, b []byte) (study.File, error)
}

// Script is a trial to be played.
type Script struct {
	Model    Model
	Seed     uint64
	Protocol protocol.Checked
	// Participants to randomise; 0 takes the protocol's number.
	Participants int
	// Assigned tells what a slot holds: an arm, or a sequence in a crossover.
	// Nobody else in the play knows it.
	Assigned func(slot int) string
	// Attend names the slots under minimisation; nil of a list that is given out in
	// its order.
	Attend Attendant
	// Until stops the play on this date, before its first action; zero plays to
	// the end.
	Until civil.Date
	// Ended is told the date of the last action of all, where the play came to its
	// end: at once, or before Until. Nil: nobody is.
	Ended func(last civil.Date)
	// Progress is told the days gone by and an estimate of all days.
	Progress func(day, of int)
}

// Play lets the made-up people live through the trial: the commands of all of
// them in the order of the virtual clock. It opens nothing and locks nothing.
func (s Script) Play(ctx context.Context, trial Trial) error {
	p := s.Protocol.Protocol()
	wanted := s.Participants
	if wanted == 0 {
		wanted = p.Design.Participants
	}
	people, err := s.Model.candidates(s.Seed, s.Protocol, wanted)
	if err != nil {
		return err
	}
	y := &play{Script: s, p: p, ctx: ctx, trial: trial, start: p.Dates.Start, zone: s.Protocol.Zone()}
	y.length = s.Protocol.LastDay() + p.Design.RunInDays + 3 + len(people)/screenedADay*7/5
	at := weekday(y.start)
	for i, who := range people {
		if i > 0 && i%screenedADay == 0 {
			at = weekday(at.Add(1))
		}
		l := &life{play: y, candidate: who, r: Stream(s.Seed, "life", who.person.Number)}
		clock := civil.Clock(9*60 + (i%screenedADay)*55 + l.r.IntN(20))
		y.schedule(at.At(clock, y.zone), l.screening)
	}
	return y.run()
}

// screenedADay is how many people come to be screened on a working day.
const screenedADay = 7

// weekday gives the date, or the Monday after it on a weekend.
func weekday(d civil.Date) civil.Date {
	for d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		d = d.Add(1)
	}
	return d
}

// play is a trial that is being played.
type play struct {
	Script
	p      protocol.Protocol
	ctx    context.Context
	trial  Trial
	start  civil.Date
	zone   *time.Location
	length int
	queue  queue
	made   int
	now    time.Time
	batch  []Item
}

// action is something that happens at a time. Actions at the same time happen
// in the order in which they were made.
type action struct {
	at    time.Time
	order int
	do    func() error
}

type queue []action

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if c := q[i].at.Compare(q[j].at); c != 0 {
		return c < 0
	}
	return q[i].order < q[j].order
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(action)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

// schedule adds an action; one in the past happens now.
func (y *play) schedule(at time.Time, do func() error) {
	if at.Before(y.now) {
		at = y.now
	}
	heap.Push(&y.queue, action{at: at.UTC().Truncate(time.Second), order: y.made, do: do})
	y.made++
}

// run does everything in order, giving the commands of a day together.
func (y *play) run() error {
	day := civil.Date{}
	for y.queue.Len() > 0 {
		if err := y.ctx.Err(); err != nil {
			return err
		}
		next := heap.Pop(&y.queue).(action)
		if d := civil.DateOf(next.at.In(y.zone)); d != day {
			if err := y.flush(); err != nil {
				return err
			}
			day = d
			if y.Progress != nil {
				y.Progress(min(day.Sub(y.start)+1, y.length), y.length)
			}
			if !y.Until.IsZero() && !day.Before(y.Until) {
				return nil
			}
		}
		y.now = next.at
		if err := next.do(); err != nil {
			return err
		}
	}
	if y.Progress != nil {
		y.Progress(y.length, y.length)
	}
	if err := y.flush(); err != nil {
		return err
	}
	if y.Ended != nil {
		y.Ended(day)
	}
	return nil
}

// give adds a command to the day's.
func (y *play) give(cmd study.Command, m study.Meta) {
	m.At = y.now
	if m.Key == "" {
		y.made++
		kind := fmt.Sprintf("%T", cmd)
		m.Key = fmt.Sprintf("sim-%s-%d", strings.ToLower(kind[strings.LastIndexByte(kind, '.')+1:]), y.made)
	}
	y.batch = append(y.batch, Item{Cmd: cmd, Meta: m})
}

// flush gives the day's commands. Whoever needs to see what came of a command
// flushes first.
func (y *play) flush() error {
	if len(y.batch) == 0 {
		return nil
	}
	batch := y.batch
	y.batch = nil
	if err := y.trial.Do(y.ctx, batch); err != nil {
		return fault.Wrap("simulate-refused", "the day of "+civil.DateOf(y.now.In(y.zone)).String(), err)
	}
	return nil
}
