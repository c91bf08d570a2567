package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/ui"
)

// schemaVersions is the table that says which version the trial's tables have.
const schemaVersions = "goose_db_version"

// health answers whoever watches over the server, without sign-in: that the
// process lives, whether it can do its work, and what it has counted.
func (d *servedDesk) health() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", d.ready)
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_ = d.counts.write(w) // whoever asked has gone
	})
	return mux
}

// readiness is what a server says of itself: of each part "ok", or the code of
// what is wrong.
type readiness struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks"`
}

// ready says whether the store answers, who people are can be looked up, the
// keys are there, the tables are those of this program, and the clock is right.
func (d *servedDesk) ready(w http.ResponseWriter, r *http.Request) {
	ctx, done := context.WithTimeout(r.Context(), 3*time.Second)
	defer done()
	out := readiness{Ready: true, Checks: map[string]string{}}
	check := func(name string, err error) {
		out.Checks[name] = "ok"
		if err != nil {
			out.Ready, out.Checks[name] = false, "failed"
			if code := fault.CodeOf(err); code != "" {
				out.Checks[name] = string(code)
			}
		}
	}
	check("store", d.trial.Refresh(ctx))
	_, _, err := d.people.Account(ctx, "")
	check("people", err)
	check("schema", d.schemaCurrent(ctx))
	check("keys", d.keysThere())
	check("clock", d.clockGood(ctx))
	if err, daily := d.backupGood(ctx); daily {
		fit := out.Ready
		check("backup", err)
		out.Ready = fit
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !out.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(out) // whoever asked has gone
}

// schemaCurrent says whether the tables are of the version that this process
// brought them to: a later program may have changed them since.
func (d *servedDesk) schemaCurrent(ctx context.Context) error {
	now, err := d.trial.Database().Version(ctx, schemaVersions)
	if err == nil && now != d.schema {
		err = fault.New("store-newer", schemaVersions, "the tables are of version %d and this process knows %d", now, d.schema)
	}
	return err
}

// clockGood says whether what is done now can be written down by this machine's
// clock: it is believed, and stands neither before the last entry nor ahead of the
// database.
func (d *servedDesk) clockGood(ctx context.Context) error {
	if !d.real {
		return nil
	}
	if err := d.clock.fit(); err != nil {
		return err
	}
	now := d.now()
	off, behind, err := d.trial.ClockBehind(ctx, now)
	if err == nil && behind {
		return fault.New("clock-backwards", "", "the clock stands %v before the last entry", off)
	}
	if err != nil {
		return err
	}
	off, ahead, err := d.trial.AheadOfDatabase(ctx, now)
	if err == nil && ahead {
		return fault.New(desk.CodeClockAhead, "", "the clock stands %v ahead of the database's", off)
	}
	return err
}

// keysThere says whether the process has the key for identities. That which signs
// checkpoints it has: without it the trial does not open.
func (d *servedDesk) keysThere() error {
	if d.real && d.vault == nil {
		return fault.New("identity-key", "", "there is no key for identities")
	}
	return nil
}

// withHealth puts the watch beside the pages where nobody but this machine
// reaches them.
func (d *servedDesk) withHealth(next http.Handler) http.Handler {
	next = d.written(d.counts.count(next))
	if d.anywhere {
		return next
	}
	watch := d.health()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := watch.Handler(r); pattern != "" && ui.Loopback(r.Host) {
			watch.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
