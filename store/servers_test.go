package store

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/fault"
	"dvala/jobs"
	"dvala/store/sqldb"
	"dvala/store/sqldb/pgtest"
	"dvala/study"
)

// The test binary runs itself as a server or a worker of a trial in PostgreSQL,
// to be killed.
const (
	serverHow   = "DVALA_TEST_SERVER" // serve or work
	serverName  = "DVALA_TEST_SERVER_NAME"
	serverURL   = "DVALA_TEST_SERVER_URL"
	serverBlobs = "DVALA_TEST_SERVER_BLOBS"
	serverKey   = "DVALA_TEST_SERVER_KEY"
)

func server(how string) {
	trial := must(OpenAt(ctx, Where{Database: os.Getenv(serverURL), Blobs: os.Getenv(serverBlobs), Key: os.Getenv(serverKey)}))
	if how == "work" {
		work(trial)
	}
	q := must(jobs.Open(ctx, trial.Database(), jobs.Options{}))
	trial.Follow(func(ctx context.Context, tx *sqldb.Tx, facts []study.Fact) error {
		for _, f := range facts {
			if _, is := f.Event.(study.Dispensed); is {
				if _, err := q.EnqueueTx(ctx, tx, jobs.Mail{Message: string(f.Subject)}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	serve(trial, os.Getenv(serverName))
}

// serve lets people come in without end, from eight callers, as far as a kit in
// their hands, and writes a line for each step that is acknowledged.
func serve(trial *Trial, name string) {
	var wg sync.WaitGroup
	for c := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				var who study.Subject
				for j, step := range []func() (study.Command, study.Meta){
					func() (study.Command, study.Meta) { return screen(i + c), at(0, "") },
					func() (study.Command, study.Meta) {
						return study.Consent{Version: "1.0", Language: "sv"}, at(0, who)
					},
					func() (study.Command, study.Meta) {
						return study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, at(0, who)
					},
					func() (study.Command, study.Meta) { return study.Randomise{}, at(0, who) },
					func() (study.Command, study.Meta) { return study.Dispense{Visit: "day-0"}, at(0, who) },
				} {
					cmd, m := step()
					key := fmt.Sprintf("%s-%d-%d-%d", name, c, i, j)
					r, err := trial.Do(ctx, cmd, keyed(m, key))
					if fault.CodeOf(err) == "stratum-exhausted" {
						break // he stays as he is
					}
					if err != nil {
						fmt.Fprintln(os.Stderr, name, err)
						return
					}
					who = r.Subject
					must(os.Stdout.WriteString(fmt.Sprintf("ack %s %d %s\n", key, r.First, r.Subject)))
				}
			}
		})
	}
	wg.Wait()
}

// work notes each person whom a job is about: once, however often it is done.
func work(trial *Trial) {
	h := jobs.NewHandlers()
	jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.Mail]) error {
		_, err := trial.db.Write.ExecContext(ctx, "INSERT INTO test_sent (subject) VALUES ($1) ON CONFLICT (subject) DO NOTHING", r.Args.Message)
		return err
	})
	q := must(jobs.Open(ctx, trial.Database(), jobs.Options{Handlers: h, Rescue: time.Second, Patience: time.Second, Poll: 100 * time.Millisecond}))
	if err := q.Start(ctx); err != nil {
		panic(err)
	}
	must(os.Stdout.WriteString("working\n"))
	select {}
}

func startServer(t *testing.T, how, name string, w Where) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), must(os.Executable()))
	cmd.Env = append(os.Environ(), serverHow+"="+how, serverName+"="+name, serverURL+"="+w.Database, serverBlobs+"="+w.Blobs, serverKey+"="+w.Key)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// acks are all lines that servers have told.
type acks struct {
	mu  sync.Mutex
	all map[string]ack
}

// read takes a server's lines until it ends.
func (a *acks) read(lines *bufio.Scanner, first chan<- struct{}) {
	for n := 0; lines.Scan(); n++ {
		if n == 0 {
			close(first)
		}
		key, one := parseAck(lines.Text())
		a.mu.Lock()
		a.all[key] = one
		a.mu.Unlock()
	}
}

// Three servers and two workers on one database. Under load, again and again,
// one server is killed with SIGKILL and another takes its place, and so is a
// worker. What was acknowledged is on the ledger once, nobody has two slots and
// no kit is given twice, and each job that a fact asked for is done.
func TestServersKilled(t *testing.T) {
	most := kills(6)
	for done := 0; done < most; done += killsATrial { // a new trial, for whoever takes a place reads all of it
		t.Run(fmt.Sprint("from ", done), func(t *testing.T) { serversKilled(t, uint64(done), min(killsATrial, most-done)) })
	}
}

// killsATrial is how many servers of one trial are killed.
const killsATrial = 40

func serversKilled(t *testing.T, seed uint64, rounds int) {
	t.Helper()
	_, w := begun(t, Where{Database: pgtest.Start(t).URL(t), Blobs: t.TempDir()})
	watcher := must(OpenAt(ctx, w))
	defer watcher.Close()
	must(watcher.db.Write.Exec("CREATE TABLE test_sent (subject TEXT PRIMARY KEY)"))
	must(jobs.Open(ctx, watcher.Database(), jobs.Options{}))
	told := acks{all: map[string]ack{}}
	var reading sync.WaitGroup
	n := 0
	up := func() (*exec.Cmd, chan struct{}) {
		n++
		cmd, lines := startServer(t, "serve", fmt.Sprint("s", n), w)
		first := make(chan struct{})
		reading.Go(func() { told.read(lines, first) })
		return cmd, first
	}
	var servers []*exec.Cmd
	for range 3 {
		cmd, first := up()
		<-first
		servers = append(servers, cmd)
	}
	var workers []*exec.Cmd
	for i := range 2 {
		cmd, lines := startServer(t, "work", fmt.Sprint("w", i), w)
		lines.Scan()
		workers = append(workers, cmd)
	}
	r := rand.New(rand.NewPCG(3, 4+seed))
	for round := range rounds {
		time.Sleep(time.Duration(r.IntN(300_000)) * time.Microsecond) // anywhere in its work
		i := r.IntN(3)
		_ = servers[i].Process.Kill()
		_ = servers[i].Wait()
		if round == rounds/2 {
			_ = workers[0].Process.Kill()
			_ = workers[0].Wait()
		}
		cmd, first := up()
		<-first
		servers[i] = cmd
	}
	for _, s := range servers {
		_ = s.Process.Kill()
		_ = s.Wait()
	}
	reading.Wait()
	checkServers(t, w, told.all)
	jobsDone(t, watcher)
	_ = workers[1].Process.Kill()
	_ = workers[1].Wait()
	t.Logf("%d acknowledged commands, %d kills", len(told.all), rounds+1)
}

// checkServers opens the trial anew, which replays and verifies it, and holds
// the ledger against what was told.
func checkServers(t *testing.T, w Where, told map[string]ack) {
	t.Helper()
	trial := must(OpenAt(ctx, w))
	defer trial.Close()
	seen, kits, slots := map[string]ack{}, map[string]study.Subject{}, map[int]study.Subject{}
	for _, e := range must(trial.Entries(ctx, 0, 1<<30)) {
		f := must(study.Decode(e))
		if _, twice := seen[f.Key]; twice && f.Key != "" && isFirst(f.Event) {
			t.Errorf("%s is there twice", f.Key)
		}
		if _, there := seen[f.Key]; !there {
			seen[f.Key] = ack{e.Index, f.Subject}
		}
		switch ev := f.Event.(type) {
		case study.Dispensed:
			if other, given := kits[ev.Kit]; given {
				t.Errorf("kit %s was given to %s and %s", ev.Kit, other, f.Subject)
			}
			kits[ev.Kit] = f.Subject
		case study.Randomised:
			if other, given := slots[ev.Slot]; given {
				t.Errorf("slot %d was given to %s and %s", ev.Slot, other, f.Subject)
			}
			slots[ev.Slot] = f.Subject
		}
	}
	for key, a := range told {
		if seen[key] != a {
			t.Errorf("%s was acknowledged as %+v and is %+v", key, a, seen[key])
		}
	}
	if len(told) < 50 || len(kits) == 0 {
		t.Errorf("%d acknowledged and %d kits given: the test shows nothing", len(told), len(kits))
	}
}

// isFirst says whether an event is what its command was given for, and not a
// deviation beside it.
func isFirst(e study.Event) bool { _, beside := e.(study.Deviation); return !beside }

// jobsDone waits until each person who was handed a kit has been noted.
func jobsDone(t *testing.T, trial *Trial) {
	t.Helper()
	if err := trial.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	for {
		var left []string
		rows := must(trial.db.Read.Query("SELECT subject FROM kits WHERE subject NOT IN (SELECT subject FROM test_sent)"))
		for rows.Next() {
			var who string
			if err := rows.Scan(&who); err != nil {
				t.Fatal(err)
			}
			left = append(left, who)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 {
			return
		}
		t.Log("jobs still to be done:", len(left), strings.Join(left[:min(3, len(left))], " "))
		time.Sleep(5 * time.Second)
	}
}

// The database goes away under load, in order and as by a power cut, and comes
// back. Callers are told meanwhile; what was acknowledged is there; and the same
// process goes on by itself.
func TestDatabaseGone(t *testing.T) {
	pg := pgtest.Start(t)
	trial, w := begun(t, Where{Database: pg.URL(t), Blobs: t.TempDir()})
	told := map[string]ack{}
	var mu sync.Mutex
	refused, stop := 0, make(chan struct{})
	var writing sync.WaitGroup
	for c := range 4 {
		writing.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				key := fmt.Sprintf("g-%d-%d", c, i)
				for { // as a client does: again, with the same key
					r, err := trial.Do(ctx, screen(i), keyed(at(0, ""), key))
					mu.Lock()
					if err == nil {
						told[key] = ack{r.First, r.Subject}
						mu.Unlock()
						break
					}
					refused++
					mu.Unlock()
					if code := fault.CodeOf(err); code != "store-write" && code != "store-database" {
						t.Error(err)
						return
					}
					time.Sleep(20 * time.Millisecond)
				}
			}
		})
	}
	acked := func(more int) {
		mu.Lock()
		want := len(told) + more
		mu.Unlock()
		for {
			mu.Lock()
			n := len(told)
			mu.Unlock()
			if n >= want {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	acked(50)
	for _, down := range []func() error{pg.Stop, pg.Kill} {
		if err := down(); err != nil {
			t.Fatal(err)
		}
		if err := trial.Refresh(ctx); err == nil {
			t.Error("a question was answered without a database")
		}
		if err := pg.Up(); err != nil {
			t.Fatal(err)
		}
		acked(50) // by itself
	}
	close(stop)
	writing.Wait()
	again := must(OpenAt(ctx, w))
	defer again.Close()
	seen := map[string]ack{}
	for _, e := range must(again.Entries(ctx, 0, 1<<30)) {
		f := must(study.Decode(e))
		if _, twice := seen[f.Key]; twice && f.Key != "" {
			t.Error(f.Key, "is there twice")
		}
		seen[f.Key] = ack{e.Index, f.Subject}
	}
	for key, a := range told {
		if seen[key] != a {
			t.Errorf("%s was acknowledged as %+v and is %+v", key, a, seen[key])
		}
	}
	if refused == 0 {
		t.Error("nobody was refused: the database was never away")
	}
	t.Logf("%d acknowledged, %d refused", len(told), refused)
}
