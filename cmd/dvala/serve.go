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

	"dvala/fault"
	"dvala/store"
	"dvala/ui"
)

// ServeCmd shows a trial in a browser on this machine.
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
	trial, err := store.Read(ctx, c.Dir)
	if err != nil {
		return err
	}
	defer trial.Close()
	handler, err := ui.New(trial, p.Now)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fault.Wrap("serve-listen", c.Addr, err).WithHint("another program may listen there; choose another port with --addr")
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	fmt.Fprintf(p.Stdout, "%s: http://%s/ (read-only; Ctrl-C ends it)\n", trial.Protocol().ID(), listener.Addr())
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
