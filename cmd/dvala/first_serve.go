package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"dvala/fault"
	"dvala/store"
	"dvala/ui"
)

var _ ui.Trier = (*firstRun)(nil)

// tried is the folder in which a trial is tried.
func (f *firstRun) tried() string { return filepath.Join(f.dir, tryOutDir) }

// Tried says whether one was tried here, and is kept: its file of marks says that
// the people are made up.
func (f *firstRun) Tried() bool {
	_, err := os.Stat(filepath.Join(f.tried(), demoMark))
	_, trial := os.Stat(filepath.Join(f.tried(), "trial.db"))
	return err == nil && trial == nil
}

// Show shows what was tried.
func (f *firstRun) Show() error {
	if !f.Tried() {
		return fault.New("first-untried", "", "nothing was tried in this folder")
	}
	if err := f.ready(f.tried()); err != nil {
		return err
	}
	f.tell("ready", 0, 0, nil)
	return nil
}

// Back leaves what was tried, so that the trial can begin for real. It is kept
// until then.
func (f *firstRun) Back() {
	if now := f.Doing(); now.Step == "ready" || now.Err != nil {
		f.back()
		f.tell("", 0, 0, nil)
	}
}

// dropTried throws away what was tried: a trial has its folder to itself.
func (f *firstRun) dropTried() error {
	if _, err := os.Stat(filepath.Join(f.tried(), demoMark)); err != nil {
		return nil
	}
	if err := os.RemoveAll(f.tried()); err != nil {
		return fault.Wrap("file-unwritable", "", err).In(f.tried())
	}
	return nil
}

// firstServed is what answers while a trial begins: the pages of the first run,
// what was tried, and at last the trial's desk.
type firstServed struct {
	ctx   context.Context
	dir   string
	open  func(context.Context, *store.Trial) (*servedDesk, error)
	pages http.Handler
	sw    *switching

	mu    sync.Mutex
	trial *store.Trial
	desk  *servedDesk
}

// ready opens the trial of a folder and hands over to its desk. From what was
// tried a way leads back.
func (s *firstServed) ready(dir string) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close()
	if s.trial, err = store.Open(s.ctx, dir); err != nil {
		return err
	}
	if s.desk, err = s.open(s.ctx, s.trial); err != nil {
		s.close()
		return err
	}
	h := s.desk.handler
	if dir != s.dir {
		desk := h
		h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/first/") {
				s.pages.ServeHTTP(w, r)
				return
			}
			desk.ServeHTTP(w, r)
		})
	}
	s.sw.to(h)
	return nil
}

// back shows the pages of the first run again.
func (s *firstServed) back() {
	s.sw.to(s.pages)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close()
}

func (s *firstServed) close() {
	if s.desk != nil {
		s.desk.close()
	}
	if s.trial != nil {
		_ = s.trial.Close() // what was done is on disk by then
	}
	s.desk, s.trial = nil, nil
}

// first serves the pages of an empty folder, and the desk of the trial as soon as
// there is one.
func (c *ServeCmd) first(ctx context.Context, p *Program, open func(context.Context, *store.Trial) (*servedDesk, error)) (http.Handler, func(), error) {
	s := &firstServed{ctx: ctx, dir: c.Dir, open: open, sw: &switching{}}
	f := &firstRun{dir: c.Dir, p: p, ready: s.ready, back: s.back}
	f.enter = func(name string) (string, error) { return s.desk.beginner(ctx, p, name) }
	var err error
	s.pages, err = ui.NewFirst(f)
	s.sw.to(s.pages)
	return s.sw, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.close()
	}, err
}
