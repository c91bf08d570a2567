package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/identity"
	"dvala/jobs"
	"dvala/store/blob"
	"dvala/ui/person"
	"dvala/wearable"
)

// later has files read by a job that are too large for a page to wait for. On
// the way a file lies beside the trial's files, sealed under the person's key.
type later struct {
	above int64 // bytes; smaller ones are read at once
	shelf blob.Shelf
	vault *identity.Vault // nil: made-up people
	queue *jobs.Queue     // once it works
}

// readAtOnce is how large a file may be that is read while the page waits: some
// seconds on a small machine.
const readAtOnce = 16 << 20

// order lays a file where every process finds it, and asks for it to be read.
func (l *later) order(ctx context.Context, c desk.Caller, f *os.File, size int64, name string) error {
	var fresh [12]byte
	if _, err := rand.Read(fresh[:]); err != nil {
		return err
	}
	a := jobs.Ingest{Subject: c.Subject, Kept: "sent-" + hex.EncodeToString(fresh[:]), Name: name, Bytes: size}
	plain := io.Reader(io.NewSectionReader(f, 0, size))
	if l.vault != nil {
		var err error
		if a.Name, err = l.vault.Seal(ctx, c.Subject, a.Kept, name); err != nil { // it may hold her own
			return err
		}
		r, w := io.Pipe()
		defer r.Close()
		go func(plain io.Reader) {
			sealed, err := l.vault.Encrypt(ctx, c.Subject, w)
			if err == nil {
				_, err = io.Copy(sealed, plain)
			}
			if err == nil {
				err = sealed.Close()
			}
			w.CloseWithError(err) // nil: the end
		}(plain)
		plain = r
	}
	if _, err := l.shelf.Lay(ctx, a.Kept, plain); err != nil {
		return err
	}
	if _, err := l.queue.Enqueue(ctx, a); err != nil {
		_ = l.shelf.Drop(context.WithoutCancel(ctx), a.Kept) // nobody would come for it
		return err
	}
	return nil
}

// open gives a file that was laid, in the clear, and what it was called.
func (l *later) open(ctx context.Context, a jobs.Ingest) (*os.File, int64, string, error) {
	kept, err := l.shelf.Fetch(ctx, a.Kept)
	if err != nil {
		return nil, 0, "", err
	}
	defer kept.Close()
	name, plain := a.Name, io.Reader(kept)
	if l.vault != nil {
		ok := false
		if name, ok, err = l.vault.Open(ctx, a.Subject, a.Name); err == nil && ok {
			plain, ok, err = l.vault.Decrypt(ctx, a.Subject, kept)
		}
		if err == nil && !ok {
			err = fault.New("person-erased", "file", "it was erased with the person's key")
		}
		if err != nil {
			return nil, 0, "", err
		}
	}
	f, size, err := spool(plain)
	return f, size, name, err
}

// came is what came of a file, as it is kept with its job.
type came struct {
	Took person.Took `json:"took"`
	Code string      `json:"code,omitempty"` // why it could not be taken
}

// ingest reads a file that was laid, and records its nights in the name of who
// sent it. What it comes to is kept for her page; the file is not.
func (u *uploads) ingest(ctx context.Context, r jobs.Run[jobs.Ingest]) error {
	_ = r.Progress(ctx, 1, 3, "") // how far it is can be lost
	c := desk.Participant(r.Args.Subject)
	c.From = "job"
	took, err := u.readLaid(ctx, c, r)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && passing(err) && r.Attempt < tries:
		return err
	}
	out := came{Took: took, Code: string(fault.CodeOf(err))}
	if err != nil && out.Code == "" {
		out.Code = "upload"
	}
	out.Took.Records = nil
	for _, d := range took.Records { // how many of each kind, and no more of them
		out.Took.Records = append(out.Took.Records, wearable.Decision{Action: d.Action})
	}
	raw, err := json.Marshal(out)
	if err == nil {
		err = r.Result(ctx, string(raw))
	}
	if err != nil {
		return err
	}
	return u.later.shelf.Drop(ctx, r.Args.Kept)
}

func (u *uploads) readLaid(ctx context.Context, c desk.Caller, r jobs.Run[jobs.Ingest]) (took person.Took, err error) {
	f, size, name, err := u.later.open(ctx, r.Args)
	if err != nil {
		return took, err
	}
	defer f.Close()
	a, err := u.asks(ctx, c)
	if err != nil {
		return took, err
	}
	_ = r.Progress(ctx, 2, 3, "")
	return u.read(ctx, c, a, f, size, name)
}

// shownFor is how long a person's page tells what came of a file.
const shownFor = 24 * time.Hour

// recently is among how many files a person's is looked for.
const recently = 500

// Reading tells how far the last file has come that a person sent, or what came
// of it.
func (u *uploads) Reading(ctx context.Context, c desk.Caller) (person.Reading, bool, error) {
	var none person.Reading
	if u.later == nil {
		return none, false, nil
	}
	all, err := u.later.queue.Recent(ctx, recently, jobs.Ingest{}.Kind())
	if err != nil {
		return none, false, err
	}
	for _, s := range all {
		var a jobs.Ingest
		if err := json.Unmarshal(s.Args, &a); err != nil || a.Subject != c.Subject {
			continue
		}
		out := person.Reading{Sent: s.Made, Done: s.Done, Total: s.Total}
		if !s.Over() {
			return out, true, nil
		}
		if time.Since(s.Ended) > shownFor {
			return none, false, nil
		}
		what := came{Code: "upload"} // of one that was given up without a word
		if s.Result != "" {
			what = came{}
			if err := json.Unmarshal([]byte(s.Result), &what); err != nil {
				return none, false, err
			}
		}
		out.Over, out.Took, out.Code = true, what.Took, what.Code
		return out, true, nil
	}
	return none, false, nil
}
