package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"dvala/civil"
	"dvala/estimate"
	"dvala/examples"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/ui"
)

// firstRun makes a trial with made-up people in a folder that has none, and then
// hands over to its desk.
type firstRun struct {
	dir string
	p   *Program
	// ready is called with the folder of a trial when it is there.
	ready func(dir string) error
	// back closes what was tried, and shows these pages again.
	back func()
	// enter gives the address at which whoever began a trial with real people signs
	// in once.
	enter func(name string) (string, error)

	drafts sync.Mutex // one writes the draft at a time
	mu     sync.Mutex
	now    ui.Making
}

// tryOutDir is where, beside the trial that is to come, a trial is tried with
// made-up people.
const tryOutDir = "try-out"

// noTrialYet says whether a folder holds nothing yet, or how far somebody has come
// who begins a trial and has tried it, so that there is something to begin.
func noTrialYet(dir string) bool {
	entries, err := os.ReadDir(dir)
	return errors.Is(err, os.ErrNotExist) || err == nil && !slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return !strings.HasPrefix(e.Name(), firstDraft) && !(e.Name() == tryOutDir && e.IsDir())
	})
}

// Templates names the designs.
func (f *firstRun) Templates() []string { return []string{"parallel", "crossover", "n-of-1"} }

// Source gives the text of one, made the folder's own.
func (f *firstRun) Source(template string) (string, error) {
	name, ok := templates[template]
	if !ok {
		return "", fault.New("template", template, "there is no such template")
	}
	src, err := examples.Protocol(name)
	if err != nil {
		return "", err
	}
	return (&NewCmd{Template: template, Dir: f.dir}).fill(string(src), civil.DateOf(f.p.Now()).Add(28))
}

// Check says what is wrong with a protocol. That no custodian's key is in it yet
// is no problem here: one is made for the made-up people.
func (f *firstRun) Check(source string) fault.List {
	checked, problems := protocol.Parse([]byte(source), protocol.Instruments(instrument.ByID))
	if !checked.IsZero() {
		problems = append(problems, estimate.Supported(checked)...)
	}
	problems.Sort()
	return problems
}

// Doing says how far it has come.
func (f *firstRun) Doing() ui.Making {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *firstRun) tell(step string, done, of int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = ui.Making{Step: step, Done: done, Of: of, Err: err}
}

// Try plays it in the background.
func (f *firstRun) Try(source string, midway bool) error {
	f.mu.Lock()
	if f.now.Step != "" && f.now.Err == nil {
		f.mu.Unlock()
		return nil // it is being played already
	}
	f.now = ui.Making{Step: "begin"}
	f.mu.Unlock()
	go func() {
		if err := f.play(source, midway); err != nil {
			f.tell("failed", 0, 0, err)
		}
	}()
	return nil
}

func (f *firstRun) play(source string, midway bool) (err error) {
	quiet := *f.p
	quiet.Stdout, quiet.Stderr, quiet.Stdin, quiet.Terminal = io.Discard, io.Discard, strings.NewReader(""), false
	d := &demo{DemoCmd: DemoCmd{Dir: f.tried(), Seed: 1}, Program: &quiet, ctx: context.Background(), given: []byte(source)}
	d.progress = func(day, of int) { f.tell("play", day, of, nil) }
	steps := []struct {
		name string
		do   func() error
	}{
		{"begin", d.clear},
		{"begin", d.writeProtocol},
		{"seal", d.seal},
		{"open", d.open},
		{"play", d.play},
		{"dry-run", d.dryRun},
		{"lock", d.lockAndOpen},
		{"report", d.report},
		{"verify", d.verify},
	}
	for i, s := range steps {
		f.tell(s.name, 0, 0, nil)
		if midway && s.name == "play" {
			design := d.checked.Protocol().Design
			d.stop = design.RunInDays + max(design.TreatmentDays, 7)
		}
		if err = s.do(); err != nil || midway && i == 4 {
			break
		}
	}
	if d.trial != nil {
		err = errors.Join(err, d.trial.Close())
	}
	if err != nil {
		return err
	}
	if err := f.ready(f.tried()); err != nil {
		return err
	}
	f.tell("ready", 0, 0, nil)
	return nil
}

// switching answers by one handler, and later by another.
type switching struct {
	mu sync.RWMutex
	h  http.Handler
}

func (s *switching) to(h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.h = h
}

// ServeHTTP answers by the handler of now.
func (s *switching) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	h := s.h
	s.mu.RUnlock()
	h.ServeHTTP(w, r)
}
