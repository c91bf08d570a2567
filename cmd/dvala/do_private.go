package main

import (
	"bytes"
	"context"
	"errors"

	"dvala/desk"
	"dvala/store"
	"dvala/study"
)

// inEarnest does commands whose rehearsal went well: it stores the files and
// gives the commands in one transaction. What is a person's own in them, her
// words, reasons about her and files, goes under her key, as it does by the pages
// and the API, and who withdrew her identifiers is forgotten.
func (c *DoCmd) inEarnest(ctx context.Context, p *Program, where store.Where, r *commandReader) (receipts []store.Receipt, err error) {
	parts, release, err := privateParts(ctx, p, where, r.trial)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if parts.Vault != nil {
		if err := r.sealAll(ctx, parts); err != nil {
			return nil, err
		}
	}
	if _, err := r.trial.PutBlobs(r.files.blobs); err != nil {
		return nil, err
	}
	if receipts, err = r.trial.DoAll(ctx, r.items); err == nil {
		err = r.refusals(receipts)
	}
	if err != nil {
		return nil, err
	}
	office := desk.NewOffice(r.trial, p.Now)
	office.Furnish(parts)
	return receipts, office.EraseDue(ctx, "")
}

// privateParts opens what keeps persons' own words and files. Made-up people have
// none, and parts without a vault.
func privateParts(ctx context.Context, p *Program, where store.Where, trial *store.Trial) (desk.Parts, func() error, error) {
	var made, open bool
	trial.View(func(s *study.State) { open, made = s.Opened != nil, s.Opened != nil && s.Opened.Simulated })
	if !open || made {
		return desk.Parts{}, func() error { return nil }, nil
	}
	rows, err := openPeople(ctx, where)
	if err != nil {
		return desk.Parts{}, nil, err
	}
	vault, err := openVault(trial.Dir(), rows.Store, p.Now)
	if err != nil {
		return desk.Parts{}, nil, errors.Join(err, rows.Close())
	}
	return desk.Parts{Vault: vault, Files: trial.Files(), PersonFiles: rows}, rows.Close, nil
}

// sealAll reads the lines once more, with the files about persons stored under
// their keys, and seals the words of each command as the state before it knows
// them: what a correction puts in the place of words are words.
func (r *commandReader) sealAll(ctx context.Context, parts desk.Parts) error {
	r.files.seal = func(who study.Subject, name string, raw []byte) (study.File, error) {
		return parts.PutSealed(ctx, who, name, bytes.NewReader(raw))
	}
	if err := r.parse(); err != nil {
		return err
	}
	receipts, err := r.trial.Rehearse(ctx, r.items, r.files.blobs, func(s *study.State, i int) error {
		if _, _, done := s.Done(r.items[i].Meta.Key); done {
			return nil // as it stands on the ledger already
		}
		m := &r.items[i].Meta
		q, err := desk.Privately(ctx, parts.Vault, func(read func(*study.State)) { read(s) },
			desk.Request{Cmd: r.items[i].Cmd, Subject: m.Subject, Reason: m.Reason, Key: m.Key})
		r.items[i].Cmd, m.Reason = q.Cmd, q.Reason
		return err
	})
	if err != nil {
		return err
	}
	return r.refusals(receipts)
}
