package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
	"dvala/ui/person"
	"dvala/wearable/archive"
	vendors "dvala/wearable/recognise"
)

// uploads takes the files that participants' apps wrote out.
type uploads struct {
	door nightDoor
	now  func() time.Time
	free chan struct{} // how many are read at a time
	come chan struct{} // how many come in at a time: a slow line keeps no reader waiting

	later *later // nil: all are read while the page waits
}

func newUploads(door nightDoor, now func() time.Time) *uploads {
	return &uploads{door: door, now: now, free: make(chan struct{}, 2), come: make(chan struct{}, 16)}
}

// asks gives what the trial asks of a person's devices.
func (u *uploads) asks(ctx context.Context, c desk.Caller) (a asked, err error) {
	err = u.door.See(ctx, c, "see-own", c.Subject, func(s *study.State) (err error) {
		a, err = askedOf(s, c.Subject, u.now())
		return err
	})
	return a, err
}

// Upload takes a file of a participant's. It streams to a place on disk that has
// no name, and is read there, or, if it is large, laid aside for a job.
func (u *uploads) Upload(ctx context.Context, c desk.Caller, name string, r io.Reader) (person.Took, error) {
	a, err := u.asks(ctx, c)
	if err != nil {
		return person.Took{}, err
	}
	f, size, err := u.take(ctx, r)
	if err != nil {
		return person.Took{}, err
	}
	defer f.Close()
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if u.later != nil && size > u.later.above {
		return person.Took{Later: true}, u.later.order(ctx, c, f, size, name)
	}
	return u.read(ctx, c, a, f, size, name)
}

// take spools a file, a few at a time.
func (u *uploads) take(ctx context.Context, r io.Reader) (*os.File, int64, error) {
	select {
	case u.come <- struct{}{}:
		defer func() { <-u.come }()
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	return spool(r)
}

// read records the nights of a file that the trial asks for, and stores it as it
// came, sealed under the person's key, if there was something in it for the
// trial.
func (u *uploads) read(ctx context.Context, c desk.Caller, a asked, f *os.File, size int64, name string) (person.Took, error) {
	var took person.Took
	select {
	case u.free <- struct{}{}:
		defer func() { <-u.free }()
	case <-ctx.Done():
		return took, ctx.Err()
	}
	files, err := filesIn(f, size, name)
	if err != nil {
		return took, err
	}
	found, err := readFound(files, a.zone)
	if err != nil {
		return took, err
	}
	if !usable(found) {
		for _, v := range found {
			err = errors.Join(err, v.Err)
		}
		return took, fault.New("upload-no-night", "", "no night's sleep in it (%v)", err)
	}
	nights := a.news(a.wanted(found, &took), &took)
	if len(nights) == 0 {
		return took, nil
	}
	// The name that the person's app gave may hold her own.
	stored, err := u.door.PutFile(ctx, c, c.Subject, "export"+strings.ToLower(path.Ext(name)), io.NewSectionReader(f, 0, size))
	if err != nil {
		return took, err
	}
	return took, a.give(ctx, u.door, c, c.Subject, nights, stored, &took)
}

// spool writes a stream to a file that is gone when it is closed.
func spool(r io.Reader) (*os.File, int64, error) {
	f, err := os.CreateTemp("", "dvala-upload-") // made for its owner alone
	if err != nil {
		return nil, 0, fault.Wrap("file-unwritable", "", err)
	}
	n, err := io.Copy(f, io.LimitReader(r, desk.MaxFile+1))
	if gone := os.Remove(f.Name()); err == nil {
		err = gone
	}
	if err == nil && n > desk.MaxFile {
		err = fault.New("file-large", "", "more than %d GB", desk.MaxFile>>30)
	}
	if err != nil {
		_ = f.Close() // it is of no use
		return nil, 0, err
	}
	return f, n, nil
}

// filesIn lists what a file holds: a zip's files, or itself.
func filesIn(f io.ReaderAt, size int64, name string) ([]archive.File, error) {
	head := make([]byte, min(size, archive.HeadSize))
	if _, err := f.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, fault.Wrap("read", "", err)
	}
	if archive.IsZip(head) {
		return archive.Zip(f, size)
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(f, 0, size)), nil }
	return []archive.File{{Name: name, Size: size, Open: open}}, nil
}

// readFound has the files read by those who know them.
func readFound(files []archive.File, zone string) ([]vendors.Found, error) {
	databases, files := healthConnectDatabases(files)
	var found []vendors.Found
	for _, f := range databases {
		result, err := readHealthConnectDatabase(f, zone)
		found = append(found, vendors.Found{Vendor: "healthconnect", Files: []string{f.Name}, Result: result, Err: err})
	}
	if len(files) > 0 || len(databases) == 0 {
		more, err := vendors.Read(files, vendors.Options{Zone: zone})
		if err != nil && len(databases) == 0 {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}
