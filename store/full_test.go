//go:build linux

package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"dvala/fault"
)

// A disk without room, a real one: whoever gives a command or a file is told so,
// what was acknowledged stays, questions are answered, and when there is room
// again the same process goes on by itself. It opens without room, too, or says
// why not.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("none", disk, "tmpfs", 0, "size=16m"); err != nil {
		t.Skip("no disk can be made here (mounting one wants the rights of root):", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	dir := filepath.Join(disk, "trial")
	trial := opened(t, dir)
	closed := false
	defer func() {
		if !closed {
			_ = trial.Close()
		}
	}()
	acked := map[string]ack{}
	give := func(i int) error {
		key := fmt.Sprintf("full-%d", i)
		r, err := trial.Do(ctx, screen(i), keyed(at(0, ""), key))
		if err == nil {
			acked[key] = ack{r.First, r.Subject}
		}
		return err
	}
	for i := range 20 {
		if err := give(i); err != nil {
			t.Fatal(err)
		}
	}
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)

	refused, next := 0, 20
	for ; refused < 30 && next < 20_000; next++ {
		if err := give(next); err != nil {
			if fault.CodeOf(err) != "store-write" {
				t.Fatalf("without room: %v", err)
			}
			refused++
		}
	}
	if refused < 30 {
		t.Fatalf("the disk was never full: %d refused of %d", refused, next)
	}
	if _, err := trial.PutBlob("night", make([]byte, 1<<20)); fault.CodeOf(err) != "blob-write" {
		t.Errorf("a file without room: %v", err)
	}
	if n := len(trial.Order()); n != len(acked) {
		t.Errorf("%d are known and %d were acknowledged", n, len(acked))
	}
	if err := trial.Close(); err != nil {
		t.Logf("closing without room: %v", err)
	}
	closed = true
	full, err := Open(ctx, dir)
	switch {
	case err == nil:
		trial, closed = full, false
	case fault.CodeOf(err) == "":
		t.Errorf("opening without room: %v", err)
	default:
		t.Logf("opening without room: %v", err)
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if closed {
		if trial, err = Open(ctx, dir); err != nil {
			t.Fatal(err)
		}
		closed = false
	}
	for i := range next {
		if err := give(i); err != nil {
			t.Fatalf("with room again: %v", err)
		}
	}
	if _, err := trial.PutBlob("night", make([]byte, 1<<20)); err != nil {
		t.Error(err)
	}
	if err := trial.Close(); err != nil {
		t.Fatal(err)
	}
	closed = true
	if len(acked) != next {
		t.Errorf("%d of %d acknowledged", len(acked), next)
	}
	checkAcked(t, dir, acked)
}

// fill writes a file until the disk has no room, but for a few pages.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.CopyN(f, zeros{}, 1<<30)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal("the disk did not fill:", err)
	}
	if err := errors.Join(f.Truncate(n-64<<10), f.Close()); err != nil {
		t.Fatal(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
