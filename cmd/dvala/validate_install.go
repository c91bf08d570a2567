package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/stats/dist"
)

// installed: IQ-01. The program names the source that it was built from.
func (q *qualification) installed() (string, error) {
	sum := executable()
	if sum == "" {
		return "", fault.New("validate", "program", "the program cannot read itself")
	}
	return fmt.Sprintf("%s, executable SHA-256 %.16s…", Release(), sum), nil
}

// synced: IQ-02. The disk takes a file, keeps it when asked to, and gives it
// back.
func (q *qualification) synced() (string, error) {
	path := filepath.Join(q.dir, "sync")
	f, err := os.Create(path)
	if err != nil {
		return "", fault.Wrap("validate", q.dir, err)
	}
	const writes = 20
	began := time.Now()
	for range writes {
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return "", err
		}
		if err := f.Sync(); err != nil {
			return "", fault.Wrap("validate", q.dir, err).WithHint("this disk cannot be made to keep what is written; choose another")
		}
	}
	took := time.Since(began) / writes
	if err := f.Close(); err != nil {
		return "", err
	}
	if info, err := os.Stat(path); err != nil || info.Size() != writes*4096 {
		return "", fault.New("validate", q.dir, "what was written is not there")
	}
	return fmt.Sprintf("a synced write of 4 KiB takes %s on the average of %d", took.Round(10*time.Microsecond), writes), os.Remove(path)
}

// clock: IQ-03. The wall clock is of this age and goes on with the steady one.
func (q *qualification) clock() (string, error) {
	wall := time.Now().Round(0) // without the steady clock
	steady := time.Now()
	time.Sleep(200 * time.Millisecond)
	drift := time.Now().Round(0).Sub(wall) - time.Since(steady)
	if drift.Abs() > 50*time.Millisecond {
		return "", fault.New("validate", "clock", "in a fifth of a second the wall clock and the steady clock came apart by %s", drift).
			WithHint("let the machine's clock be kept by NTP, which does not jump")
	}
	if year := wall.Year(); year < 2026 || year > 2100 {
		return "", fault.New("validate", "clock", "the clock says %s", wall.Format(time.RFC3339)).WithHint("set the clock right")
	}
	return "the clock says " + wall.UTC().Format(time.RFC3339), nil
}

// zones: IQ-04. The rules inside the program give changes of clocks that are
// known: in Stockholm 2026 on 29 March and 25 October, at 01:00 UTC
// (Directive 2000/84/EC).
func (q *qualification) zones() (string, error) {
	zone, err := civil.Zone("Europe/Stockholm")
	if err != nil {
		return "", err
	}
	for _, change := range []struct {
		at            time.Time
		before, after int
	}{
		{time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), 3600, 7200},
		{time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), 7200, 3600},
	} {
		_, before := change.at.Add(-time.Second).In(zone).Zone()
		_, after := change.at.In(zone).Zone()
		if before != change.before || after != change.after {
			return "", fault.New("validate", "zones", "at %s the offset goes from %d to %d seconds", change.at.Format(time.RFC3339), before, after)
		}
	}
	return "rules " + civil.ZoneRules + ", from inside the program", nil
}

// arithmetic: IQ-05. Quantiles as R 4.2.2 gives them: qt(0.975, 5),
// qf(0.95, 2, 10), pnorm(1.96).
func (q *qualification) arithmetic() (string, error) {
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"qt(0.975, 5)", dist.TQuantile(0.975, 5), 2.570581835636314},
		{"qf(0.95, 2, 10)", dist.FQuantile(0.95, 2, 10), 4.102821015130401},
		{"pnorm(1.96)", dist.NormalCDF(1.96), 0.9750021048517796},
	} {
		if math.Abs(c.got-c.want) > 1e-12*math.Abs(c.want) {
			return "", fault.New("validate", "arithmetic", "%s is %.15g here, and %.15g", c.what, c.got, c.want)
		}
	}
	return "quantiles as R gives them", nil
}

// secrets: IQ-06. A trial's key can be read by its owner alone.
func (q *qualification) secrets() (string, error) {
	path := filepath.Join(q.dir, "secret")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		return "", fault.Wrap("validate", q.dir, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fault.New("validate", q.dir, "a file meant for its owner alone has the mode %v", info.Mode()).
			WithHint("this file system does not keep permissions; choose another for the trial, or none that others can reach")
	}
	return "a secret file has the mode " + info.Mode().Perm().String(), os.Remove(path)
}
