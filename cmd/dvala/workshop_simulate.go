package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// simulate plays the protocol that was approved last with made-up people, in a
// folder that is gone afterwards, and keeps the report with its numbers. The keys
// and the list are made for it: it has nothing to do with the trial's own, whose
// ledger is not touched.
func (w *workshop) simulate(ctx context.Context, o order) (made, error) {
	var file study.File
	var custodian string
	w.trial.View(func(s *study.State) {
		file, custodian = s.Opened.Protocol, s.Protocol.Protocol().Custodian.Recipient
		if n := len(s.Amendments); n > 0 {
			file, custodian = s.Amendments[n-1].File, s.Amendments[n-1].Protocol.Protocol().Custodian.Recipient
		}
	})
	source, err := w.trial.Blob(file.SHA256)
	if err != nil {
		return made{}, err
	}
	source = bytes.ReplaceAll(source, []byte(custodian), []byte(protocol.RecipientPlaceholder)) // another custodian's, made for it
	dir, err := os.MkdirTemp("", "dvala-simulate-*")
	if err != nil {
		return made{}, fault.Wrap("file-unwritable", os.TempDir(), err)
	}
	defer os.RemoveAll(dir)
	d := &demo{
		DemoCmd: DemoCmd{Dir: filepath.Join(dir, "trial"), Seed: 1}, ctx: ctx, given: source,
		Program: &Program{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Now: w.office.Now, Width: 80},
	}
	d.progress = func(day, of int) { o.tell(ctx, day, of+1) }
	for _, step := range []func() error{d.clear, d.writeProtocol, d.seal, d.open, d.play, d.dryRun, d.lockAndOpen, d.report, d.verify} {
		if err = errors.Join(ctx.Err(), step()); err != nil {
			break
		}
	}
	if d.trial != nil {
		err = errors.Join(err, d.trial.Close())
	}
	if err != nil {
		return made{}, err
	}
	m, err := w.pack(ctx, o, func(add func(string, io.Reader) error) error {
		for _, name := range []string{reportFile, inLang(reportFile, "sv"), resultsFile, dryRunFile, inLang(dryRunFile, "sv")} {
			f, err := os.Open(d.path(name))
			if errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(name, ".sv.html") {
				continue // the protocol has no Swedish
			}
			if err != nil {
				return fault.Wrap("file-unreadable", name, err)
			}
			err = errors.Join(add("simulated-"+name, f), f.Close())
			if err != nil {
				return err
			}
		}
		return nil
	})
	m.says = "of made-up people: it says nothing about the trial's own"
	return m, err
}
