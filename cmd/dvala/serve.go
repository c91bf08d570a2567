package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dvala/api"
	"dvala/civil"
	"dvala/desk"
	"dvala/fault"
	"dvala/store"
	"dvala/study"
	"dvala/ui"
)

// ServeCmd is the desk of a trial in a browser on this machine.
type ServeCmd struct {
	Dir  string `type:"path" default:"demo" help:"The trial's directory."`
	Addr string `default:"127.0.0.1:8080" help:"Where to listen; an address of this machine only. Port 0 takes a free one."`
}

// Run serves until it is interrupted.
func (c *ServeCmd) Run(p *Program) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.serve(ctx, p)
}

func (c *ServeCmd) serve(ctx context.Context, p *Program) error {
	if !ui.Loopback(c.Addr) {
		return fault.New("serve-address", c.Addr, "these pages have no sign-in, so they are shown on this machine only").
			WithHint("use 127.0.0.1 and a port, as in --addr 127.0.0.1:8080")
	}
	trial, err := store.Open(ctx, c.Dir)
	if err != nil {
		return err
	}
	defer trial.Close()
	handler, closeDesk, err := newDesk(trial, clockOf(trial, p.Now))
	if err != nil {
		return err
	}
	defer closeDesk()
	return listen(ctx, p, c.Addr, trial.Protocol().ID(), handler)
}

// newDesk puts the pages and the API of a trial behind one door.
func newDesk(trial *store.Trial, now func() time.Time) (http.Handler, func(), error) {
	office := desk.NewOffice(trial, now)
	work, err := newWorkshop(trial, office)
	if err != nil {
		return nil, nil, err
	}
	handler, err := ui.New(ui.Config{
		Office: office, Trial: trial, StandIns: true, Work: work, Release: Release(),
		Beside: func(mux *http.ServeMux) { mux.Handle("/api/v1/", api.New(office, api.Options{Release: Release()})) },
	})
	return handler, work.close, err
}

// clockOf gives the clock of a trial: the wall's, or, for made-up people, one
// that goes on from their last deed; where that was in the evening, from the next
// morning at eight.
func clockOf(trial *store.Trial, wall func() time.Time) func() time.Time {
	clock := wall
	trial.View(func(s *study.State) {
		last, any := s.LastAt()
		if any && s.Opened != nil && s.Opened.Simulated {
			began, from := wall(), last.Add(time.Second)
			if local := last.In(s.Protocol.Zone()); s.Locked == nil && local.Hour() >= 19 {
				from = civil.DateOf(local).Add(1).At(8*60, s.Protocol.Zone())
			}
			clock = func() time.Time { return from.Add(wall().Sub(began)) }
		}
	})
	return clock
}

// listen serves a handler until the context ends.
func listen(ctx context.Context, p *Program, addr, name string, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fault.Wrap("serve-listen", addr, err).WithHint("another program may listen there; choose another port with --addr")
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	fmt.Fprintf(p.Stdout, "%s: http://%s/ (Ctrl-C ends it)\n", name, listener.Addr())
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		_ = server.Shutdown(grace) // what is still being read is cut off
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
