// Package pgtest runs a PostgreSQL server of a test's own, from the programs
// that Debian installs, on a unix socket in a passing folder.
package pgtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Server is a running server.
type Server struct {
	bin, dir, socket string
	n                atomic.Int64
}

// Start makes a cluster and starts it. The test is skipped where PostgreSQL is
// not installed; at its end the server is stopped and all of it removed.
func Start(t testing.TB) *Server {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		t.Skip("PostgreSQL is not installed: nothing is tested on it (apt-get install postgresql)")
	}
	slices.Sort(found)
	dir, err := os.MkdirTemp("", "dvpg") // short: the path of a socket has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{bin: filepath.Dir(found[len(found)-1]), dir: filepath.Join(dir, "data"), socket: dir}
	t.Cleanup(func() {
		if err := s.Kill(); err != nil && s.running() {
			t.Error(err)
		}
		_ = os.RemoveAll(dir)
	})
	if err := own(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.command("initdb", "-D", s.dir, "--no-sync", "-A", "trust", "-U", "dvala", "--locale=C", "-E", "UTF8"); err != nil {
		t.Fatal(err)
	}
	if err := s.Up(); err != nil {
		t.Fatal(err)
	}
	return s
}

// Up starts the server, and returns when it answers.
func (s *Server) Up() error {
	err := s.command("pg_ctl", "-D", s.dir, "-l", filepath.Join(s.socket, "log"), "-w", "-o",
		"-c listen_addresses='' -c unix_socket_directories="+s.socket+" -c max_connections=200", "start")
	if err != nil {
		raw, _ := os.ReadFile(filepath.Join(s.socket, "log"))
		return fmt.Errorf("%w\n%s", err, raw)
	}
	return nil
}

// Stop stops it in order: whoever is connected is cut off.
func (s *Server) Stop() error { return s.command("pg_ctl", "-D", s.dir, "-w", "-m", "fast", "stop") }

// Kill stops it as a power cut would: it recovers when it is started again.
func (s *Server) Kill() error {
	return s.command("pg_ctl", "-D", s.dir, "-w", "-m", "immediate", "stop")
}

func (s *Server) running() bool {
	_, err := os.Stat(filepath.Join(s.dir, "postmaster.pid"))
	return err == nil
}

// URL makes an empty database and gives its address.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("d%d", s.n.Add(1))
	db, err := sql.Open("pgx", s.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return s.address(name)
}

func (s *Server) address(database string) string {
	q := url.Values{"host": {s.socket}, "user": {"dvala"}}
	return "postgres:///" + database + "?" + q.Encode()
}

func (s *Server) command(name string, args ...string) error {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	cmd.Dir = s.socket
	out, err := os.CreateTemp("", "dvpg-out") // a file: the server that stays behind would hold a pipe open
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	as(cmd)
	if err := cmd.Run(); err != nil {
		raw, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%s: %w\n%s", name, err, strings.TrimSpace(string(raw)))
	}
	return nil
}
