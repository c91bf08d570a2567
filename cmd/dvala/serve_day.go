package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"dvala/civil"
	"dvala/examples"
	"dvala/fault"
	"dvala/protocol"
	"dvala/store"
	"dvala/study"
)

// A demonstration is served as it stood on a day by playing it again up to there:
// the same protocol, seed, number of people and effect give the same people and
// the same nights. What is done in it is gone when it ends, and the demonstration
// itself is not touched.

// played is what a demonstration was played with.
type played struct {
	source       []byte // its protocol
	seed         uint64
	participants int
	effect       float64
}

// asOf plays a demonstration again up to the day that is asked for, in a folder of
// its own that done takes away.
func (c *ServeCmd) asOf(ctx context.Context, p *Program, w store.Where) (dir string, done func(), err error) {
	was, err := playedIn(ctx, w)
	if err != nil {
		return "", nil, err
	}
	checked, problems := protocol.Parse(was.source)
	if err := problems.Err(); err != nil {
		return "", nil, err
	}
	day, err := dayOf(c.Day, checked.Protocol().Dates.Start)
	if err != nil {
		return "", nil, err
	}
	top, err := os.MkdirTemp("", "dvala-day-")
	if err != nil {
		return "", nil, fault.Wrap("serve-day", c.Day, err)
	}
	done = func() { _ = os.RemoveAll(top) } // what stays is the system's to sweep
	quiet := *p
	quiet.Stdout = io.Discard
	d := &demo{
		DemoCmd: DemoCmd{Dir: filepath.Join(top, "trial"), Seed: was.seed, Participants: was.participants, Effect: was.effect},
		Program: &quiet, ctx: ctx, given: was.source, stop: day,
	}
	for _, step := range []func() error{d.clear, d.writeProtocol, d.seal, d.open, d.play} {
		if err = step(); err != nil {
			break
		}
	}
	if d.trial != nil {
		err = errors.Join(err, d.trial.Close())
	}
	if err != nil {
		done()
		return "", nil, err
	}
	fmt.Fprintf(p.Stdout, "Day %d of the trial, %s. What is done here is gone when it ends.\n", day, checked.Protocol().Dates.Start.Add(day))
	return d.Dir, done, nil
}

// playedIn reads what the trial of a folder was played with. A trial of real
// people is not played again.
func playedIn(ctx context.Context, w store.Where) (was played, err error) {
	if w.Dir == "" {
		return was, fault.New("serve-day", "--day", "is for a demonstration in a folder")
	}
	trial, err := store.Read(ctx, w.Dir)
	if err != nil {
		return was, err
	}
	defer func() { err = errors.Join(err, trial.Close()) }()
	var file study.File
	trial.View(func(s *study.State) {
		if s.Opened != nil && s.Opened.Simulated && s.Opened.Seed != nil {
			was.seed, file = *s.Opened.Seed, s.Opened.Protocol
		}
	})
	if file.SHA256 == "" {
		return was, fault.New("serve-day", "--day", "this trial is no demonstration").WithHint("dvala demo makes one; the days of real people are not played again")
	}
	if was.source, err = trial.Blob(file.SHA256); err != nil {
		return was, err
	}
	// Played again it gets a key of its own: the first one's is the custodian's.
	was.source = bytes.ReplaceAll(was.source, []byte(trial.Protocol().Protocol().Custodian.Recipient), []byte(protocol.RecipientPlaceholder))
	note, err := os.ReadFile(filepath.Join(w.Dir, demoMark))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return was, fault.Wrap("file-unreadable", demoMark, err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(note)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case demoPeople:
			was.participants, err = strconv.Atoi(value)
		case demoEffect:
			was.effect, err = strconv.ParseFloat(value, 64)
		}
		if err != nil {
			return was, fault.Wrap("serve-day", demoMark, err)
		}
	}
	return was, nil
}

// stopOn reads on which day a demonstration is to stop; on none, if it says none.
func (d *demo) stopOn(until string) error {
	if until == "" {
		return nil
	}
	src, err := examples.Protocol(d.Example)
	if err != nil {
		return err
	}
	checked, problems := protocol.Parse(src)
	if err := problems.Err(); err != nil {
		return err
	}
	d.stop, err = dayFor("--until", until, checked.Protocol().Dates.Start)
	return err
}

// over refuses a day on which the trial was long over: on the morning after its
// last day everything has happened, and no later day is another.
func (d *demo) over() error {
	start := d.checked.Protocol().Dates.Start
	last := d.ended.Add(1)
	if d.ended.IsZero() || d.stop <= last.Sub(start) {
		return nil
	}
	return fault.New("serve-day", "day "+strconv.Itoa(d.stop), "the last day of this trial is day %d, %s; on day %d, %s, it has long been over", last.Sub(start), last, d.stop, start.Add(d.stop)).
		WithHint("day %d shows everybody at the end; without a day it is shown whole, with its report", last.Sub(start))
}

// dayOf reads the day that --day names.
func dayOf(text string, start civil.Date) (int, error) { return dayFor("--day", text, start) }

// dayFor reads a day of a trial: its number, counted from the start, or its date.
func dayFor(flag, text string, start civil.Date) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		date, err := civil.ParseDate(text)
		if err != nil {
			return 0, fault.New("serve-day", flag, "%.40q is neither the number of a day nor a date", text).WithHint("as in %s 24, or %s %s", flag, flag, start.Add(24))
		}
		n = date.Sub(start)
	}
	if n < 1 || n > 5000 {
		return 0, fault.New("serve-day", flag, "%.40s is not a day of the trial, which began on %s", text, start).
			WithHint("day 1 is %s; as in %s 24, or %s %s", start.Add(1), flag, flag, start.Add(24))
	}
	return n, nil
}
