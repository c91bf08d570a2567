package store

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/contact"
	"dvala/identity"
	"dvala/store/people"
	"dvala/study"
)

// peopleDir tells the test binary to do, in a trial there, what is kept beside
// the ledger.
const peopleDir = "DVALA_TEST_PEOPLE_DIR"

// keptBeside are the acknowledgements of peopleChild, in the order in which it gives
// them of each person.
var keptBeside = []string{"invited", "accepted", "identity", "held", "file", "paper"}

// peopleChild invites every person of a trial, comes in by the invitation, sets
// who she is, sends what cannot be filed, and gives two files, one as a stream
// and one whole; it says of each when it is acknowledged.
func peopleChild(dir string) {
	now := func() time.Time { return at(1, "").At }
	trial := must(Open(ctx, dir))
	known := must(people.Open(ctx, dir))
	vault := identity.New(known, must(identity.GenerateMaster(rand.Reader)), rand.Reader, now)
	office := desk.NewOffice(trial, now)
	office.Furnish(desk.Parts{Vault: vault, Files: trial.Files(), PersonFiles: known, Pending: known})
	door := must(access.New(access.Config{Store: known, Door: office, Now: now, Rand: rand.Reader, Origin: "http://localhost:8080", Title: "A trial"}))
	book := contact.New(vault, office, door)
	anna := desk.Caller{Account: "anna", Name: "Anna Ek", Grants: []desk.Grant{{Role: study.RoleCoordinator}}, Strong: now()}
	said := func(what string, i int) { must(os.Stdout.WriteString(fmt.Sprintf("ack %s %d\n", what, i))) }
	for i, who := range trial.Order() {
		h := must(door.Invite(ctx, anna, who, "sv"))
		said("invited", i)
		must(door.Redeem(ctx, access.Visit{Addr: string(who)}, h.URL[strings.LastIndexByte(h.URL, '/')+1:]))
		said("accepted", i)
		must(book.Set(ctx, anna, who, contact.Person{Name: "Eva Ek"}, "", ""))
		said("identity", i)
		out := must(office.Submit(ctx, desk.Participant(who), []desk.Submitted{{Key: fmt.Sprint("device-", i), Made: now(), Do: "fly"}}))
		if out[0].Fate != desk.Unfiled {
			panic(fmt.Sprint("what no command is, is ", out[0]))
		}
		said("held", i)
		must(office.PutFile(ctx, anna, who, "ring.json", strings.NewReader(fmt.Sprint("a night ", i))))
		said("file", i)
		must(trial.PutBlob("paper", fmt.Append(nil, "a paper ", i)))
		said("paper", i)
	}
	if err := known.Close(); err != nil {
		panic(err)
	}
	if err := trial.Close(); err != nil {
		panic(err)
	}
}

// Whatever is acknowledged beside the ledger is on the disk by then, too: of all
// files of the trial none has been written, and of all folders none has got a
// name, since its last sync. An invitation, an identity and a held entry are in
// people.db and its log; a file lies under its hash.
func TestSyncOfPeopleAndFilesBeforeAck(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: no trace of the system calls (apt-get install strace)")
	}
	dir := t.TempDir()
	trial := opened(t, dir)
	const n = 12
	enrolled(t, trial, n)
	if err := trial.Close(); err != nil {
		t.Fatal(err)
	}
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-qq", "-y", "-s", "64",
		"-e", "trace=write,pwrite64,ftruncate,fsync,fdatasync,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat", "-e", "signal=none", "-o", trace, must(os.Executable()))
	cmd.Env = append(os.Environ(), peopleDir+"="+dir)
	told, err := cmd.Output()
	if err != nil {
		if len(told) == 0 {
			t.Skip("strace cannot trace here:", err)
		}
		t.Fatal(err, string(told))
	}
	d := disk{dir: dir, dirty: map[string]bool{}, synced: map[string]int{}, acks: map[string]int{}}
	calls(string(must(os.ReadFile(trace))), func(call string, begins, ends bool) {
		if late := d.see(call, begins, ends); late != nil {
			t.Errorf("acknowledged (%s) before a sync of %v", call, late)
		}
	})
	for _, what := range keptBeside {
		if d.acks[what] != n || strings.Count(string(told), "ack "+what+" ") != n {
			t.Errorf("%d acknowledgements of %q traced, want %d", d.acks[what], what, n)
		}
	}
	for kind, least := range map[string]int{"people.db-wal": 4 * n, "keys.db-wal": n, "a file": 2 * n, "a folder": 2 * n} {
		if d.synced[kind] < least {
			t.Errorf("%d syncs of %s, want %d at least", d.synced[kind], kind, least)
		}
	}
	t.Logf("%v acknowledged; synced: %v", d.acks, d.synced)
}

// The check sees what it is there for.
func TestTheTraceIsReadRightly(t *testing.T) {
	const ack = "1 write(1<pipe:[7]>, \"ack x 0\\n\", 8) = 8\n"
	for _, c := range []struct {
		what, trace string
		late        bool
	}{
		{"nothing written", ack, false},
		{"written and synced", "1 pwrite64(3</d/a-wal>, \"x\", 1, 0) = 1\n1 fdatasync(3</d/a-wal>) = 0\n" + ack, false},
		{"written and not synced", "1 pwrite64(3</d/a-wal>, \"x\", 1, 0) = 1\n" + ack, true},
		{"another synced", "1 pwrite64(3</d/a-wal>, \"x\", 1, 0) = 1\n1 fsync(4</d/b-wal>) = 0\n" + ack, true},
		{"a sync that is not over", "1 write(3</d/a-wal>, \"x\", 1) = 1\n2 fsync(3</d/a-wal> <unfinished ...>\n" + ack + "2 <... fsync resumed>) = 0\n", true},
		{"a sync that failed", "1 write(3</d/a-wal>, \"x\", 1) = 1\n1 fsync(3</d/a-wal>) = -1 EIO (Input/output error)\n" + ack, true},
		{"a name without its folder", "1 write(3</d/t/p>, \"x\", 1) = 1\n1 fsync(3</d/t/p>) = 0\n1 renameat(AT_FDCWD</w>, \"/d/t/p\", AT_FDCWD</w>, \"/d/f/h\") = 0\n" + ack, true},
		{"a name with it", "1 write(3</d/t/p>, \"x\", 1) = 1\n1 fsync(3</d/t/p>) = 0\n1 renameat(AT_FDCWD</w>, \"/d/t/p\", AT_FDCWD</w>, \"/d/f/h\") = 0\n1 fsync(5</d/f>) = 0\n" + ack, false},
		{"renamed before it is synced", "1 write(3</d/t/p>, \"x\", 1) = 1\n1 rename(\"/d/t/p\", \"/d/f/h\") = 0\n1 fsync(5</d/f>) = 0\n" + ack, true},
		{"a new folder without the one it is in", "1 mkdirat(AT_FDCWD</w>, \"/d/f\", 0755) = 0\n" + ack, true},
		{"a folder that was there", "1 mkdirat(AT_FDCWD</w>, \"/d/f\", 0755) = -1 EEXIST (File exists)\n" + ack, false},
		{"what lies elsewhere", "1 write(3</e/a>, \"x\", 1) = 1\n" + ack, false},
	} {
		d := disk{dir: "/d", dirty: map[string]bool{}, synced: map[string]int{}, acks: map[string]int{}}
		late := false
		calls(c.trace, func(call string, begins, ends bool) { late = d.see(call, begins, ends) != nil || late })
		if late != c.late || d.acks["x"] != 1 {
			t.Errorf("%s: late is %t; %v", c.what, late, d.acks)
		}
	}
}

// calls walks over a trace. A call that another thread interrupts stands on two
// lines: it begins with the first and ends with the second, which has its result.
func calls(trace string, see func(call string, begins, ends bool)) {
	unfinished := map[string]string{}
	for _, line := range strings.Split(trace, "\n") {
		thread, call, ok := strings.Cut(line, " ")
		if !ok {
			continue
		}
		call = strings.TrimSpace(call)
		switch {
		case strings.HasSuffix(call, "<unfinished ...>"):
			call = strings.TrimSuffix(call, "<unfinished ...>")
			unfinished[thread] = call
			see(call, true, false)
		case strings.HasPrefix(call, "<..."):
			_, result, _ := strings.Cut(call, "resumed>")
			see(unfinished[thread]+result, false, true)
		default:
			see(call, true, true)
		}
	}
}

// disk is what a trace tells of a directory: what has been written there and not
// been synced, and how often what was.
type disk struct {
	dir    string
	dirty  map[string]bool
	synced map[string]int
	acks   map[string]int
}

var (
	onFile = regexp.MustCompile(`^(\w+)\(\d+<([^>]*)>`)
	quoted = regexp.MustCompile(`"([^"]*)"`)
	acked  = regexp.MustCompile(`^write\(1[<,].*"ack (\w+) `)
)

// see takes one call, and gives what was not synced where it is an
// acknowledgement.
func (d *disk) see(call string, begins, ends bool) (late []string) {
	if m := acked.FindStringSubmatch(call); m != nil {
		if begins {
			d.acks[m[1]]++
			for path := range d.dirty {
				late = append(late, path)
			}
		}
		return late
	}
	if m := onFile.FindStringSubmatch(call); m != nil && d.in(m[2]) {
		d.file(m[1], m[2], begins, ends && strings.HasSuffix(call, "= 0"))
	} else if ends && strings.HasSuffix(call, "= 0") {
		name, _, _ := strings.Cut(call, "(")
		d.named(name, quoted.FindAllStringSubmatch(call, -1))
	}
	return nil
}

func (d *disk) in(path string) bool { return path == d.dir || strings.HasPrefix(path, d.dir+"/") }

// file is a call on an open file or folder.
func (d *disk) file(name, path string, begins, done bool) {
	switch name {
	case "write", "pwrite64", "ftruncate":
		// What is made anew from the log, and the lock, which holds nothing, need none.
		if begins && !strings.HasSuffix(path, "-shm") && !strings.HasPrefix(filepath.Base(path), "writer.lock") {
			d.dirty[path] = true
		}
	case "fsync", "fdatasync":
		if !done {
			return
		}
		delete(d.dirty, path)
		switch base := filepath.Base(path); {
		case strings.Contains(base, ".db"):
			d.synced[base]++
		case strings.HasPrefix(base, "put-"):
			d.synced["a file"]++
		default:
			d.synced["a folder"]++
		}
	}
}

// named is a call that gives a name to something, or takes it away, and has done so.
func (d *disk) named(name string, args [][]string) {
	switch {
	case strings.HasPrefix(name, "mkdir") && d.in(args[0][1]):
		d.dirty[filepath.Dir(args[0][1])] = true
	case strings.HasPrefix(name, "rename") && d.in(args[1][1]):
		from, to := args[0][1], args[1][1]
		if d.dirty[from] {
			delete(d.dirty, from)
			d.dirty[to] = true
		}
		d.dirty[filepath.Dir(to)] = true
	case strings.HasPrefix(name, "unlink"):
		delete(d.dirty, args[0][1])
	}
}
