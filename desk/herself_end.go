package desk

import (
	"bytes"
	"context"
	"io"
	"iter"

	"dvala/fault"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
	"dvala/study"
)

// Analyst analyses the trial as it stands, on a dummy allocation before the
// openings, and stores what comes of it.
type Analyst interface {
	Analysed(ctx context.Context) (study.Reported, error)
}

func (o *Office) analysed(ctx context.Context) (study.Reported, error) {
	if o.parts.Analyst == nil {
		return study.Reported{}, fault.New("no-analyst", "", "nothing here makes a report")
	}
	return o.parts.Analyst.Analysed(ctx)
}

// subkey gives a part of what is done under a key a key of its own.
func subkey(key, of string) string {
	if key == "" {
		return ""
	}
	return key + "-" + of
}

// Close ends the trial of somebody who runs it, when its last period is over: she
// has completed it, the whole analysis is made on a dummy allocation, and what is
// known of her and then the database are locked with her signature. What a stop
// left half done is gone on with.
func (o *Office) Close(ctx context.Context, c Caller, name, key string) error {
	if err := o.atStage(ctx, c, subkey(key, "lock"), ToClose); err != nil {
		return err
	}
	if _, err := signsAs(name); err != nil {
		return err // before anything is done
	}
	var completed, locked, left bool
	look := func() {
		o.store.View(func(s *study.State) {
			p := s.People[c.Subject]
			_, left = p.WithdrewFrom(study.FromFollowUp)
			completed, locked = p.Completed != nil || p.Randomised == nil, p.Locked != nil
		})
	}
	if look(); !completed && !left {
		if _, err := o.doHerself(ctx, c, Request{Cmd: study.Complete{}, Subject: c.Subject, Key: key + "-complete"}, ""); err != nil {
			return err
		}
	}
	files, err := o.analysed(ctx)
	if err != nil {
		return err
	}
	dry := study.RecordDryRun{DryRun: study.DryRun(files)}
	if _, err := o.doHerself(ctx, c, Request{Cmd: dry, Key: key + "-dry-run"}, ""); err != nil {
		return err
	}
	if !locked {
		if _, err := o.doHerself(ctx, c, Request{Cmd: study.LockPerson{}, Subject: c.Subject, Key: key + "-person"}, name); err != nil {
			return err
		}
	}
	_, err = o.doHerself(ctx, c, Request{Cmd: study.Lock{}, Key: key + "-lock"}, name)
	return err
}

// ForHelper writes the ledger as the helper's machine reads it, who opens nothing
// before she has seen the lock on it. It holds no key.
func (o *Office) ForHelper(ctx context.Context, c Caller, to io.Writer) error {
	if err := o.atStage(ctx, c, "", ToOpen, ToReport, Told); err != nil {
		return err
	}
	signed := o.store.Checkpoint()
	cp, err := ledger.OpenCheckpoint(signed, o.store.PublicKey())
	if err != nil {
		return err
	}
	return ledger.WriteExport(to, o.store.PublicKey(), o.each(ctx, cp.Size), signed)
}

// each gives the first n entries, some at a time.
func (o *Office) each(ctx context.Context, n uint64) iter.Seq2[ledger.Entry, error] {
	const stretch = 4096
	return func(yield func(ledger.Entry, error) bool) {
		for from := uint64(0); from < n; {
			entries, err := o.store.Entries(ctx, from, min(stretch, n-from))
			if err == nil && len(entries) == 0 {
				err = fault.New("ledger-short", "", "the ledger has fewer entries than its checkpoint signs")
			}
			if err != nil {
				yield(ledger.Entry{}, err)
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
			from += uint64(len(entries))
		}
	}
}

// broughtForHelper stands beside the openings on the ledger.
const broughtForHelper = "the custodian opened the list with her own key; the participant, who runs the trial, brings the file"

// Bring publishes what the helper opened, each opening held against its
// commitment, and has the report made.
func (o *Office) Bring(ctx context.Context, c Caller, raw []byte, key string) error {
	if err := o.atStage(ctx, c, key, ToOpen, ToReport); err != nil {
		return err
	}
	var opened bool
	var lists []string
	o.store.View(func(s *study.State) { opened, lists = s.Openings != nil, s.Lists() })
	if !opened {
		list, err := study.WholeList(lists, o.store.Blob)
		if err != nil {
			return err
		}
		if _, err := seal.ParseOpenings(bytes.NewReader(raw), list); err != nil {
			return err
		}
		file, err := o.store.PutBlob("openings.dvl", raw)
		if err != nil {
			return err
		}
		cmd := study.OpenAllocations{AllocationsOpen: study.AllocationsOpen{Openings: file}}
		if _, err := o.doHerself(ctx, c, Request{Cmd: cmd, Key: key, Reason: broughtForHelper}, ""); err != nil {
			return err
		}
	}
	return o.Conclude(ctx, c, subkey(key, "report"))
}

// Conclude has the report made of what was opened.
func (o *Office) Conclude(ctx context.Context, c Caller, key string) error {
	if err := o.atStage(ctx, c, key, ToReport, Told); err != nil {
		return err
	}
	files, err := o.analysed(ctx)
	if err != nil {
		return err
	}
	_, err = o.doHerself(ctx, c, Request{Cmd: study.RecordReport{Reported: files}, Key: key}, "")
	return err
}

// HelperOf names the helper of a trial that a participant runs.
func HelperOf(p protocol.Protocol) string { return p.Custodian.Name }

// Results gives the recorded results and report to whoever runs the trial, each
// checked against its hash; not ok where there are none yet.
func (o *Office) Results(ctx context.Context, c Caller) (results, report []byte, ok bool, err error) {
	var files *study.Reported
	err = o.See(ctx, c, "see-own", c.Subject, func(s *study.State) error {
		if RunsIt(s, c.Subject) {
			files = s.Reported
		}
		return nil
	})
	if err != nil || files == nil {
		return nil, nil, false, err
	}
	if results, err = o.store.Blob(files.Results.SHA256); err != nil {
		return nil, nil, false, err
	}
	report, err = o.store.Blob(files.Report.SHA256)
	return results, report, err == nil, err
}
