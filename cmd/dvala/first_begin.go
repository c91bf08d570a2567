package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
	"dvala/ui"
)

// Fill puts the public key of whoever seals the list into a protocol.
func (f *firstRun) Fill(source, key string) (string, error) {
	out, err := protocol.FillRecipient([]byte(source), key)
	return string(out), err
}

// Begin begins the trial with real people by the verb that does so, dvala init,
// on files that are gone afterwards, and hands over to its desk.
func (f *firstRun) Begin(source string, sealed []byte, name string) (signIn string, err error) {
	f.mu.Lock()
	if f.now.Step != "" && f.now.Err == nil {
		f.mu.Unlock()
		return "", fault.New("first-busy", "", "a trial is being made in this folder already")
	}
	f.now = ui.Making{Step: "open"}
	f.mu.Unlock()
	defer func() {
		if err != nil {
			f.tell("", 0, 0, nil) // it can be begun again
		}
	}()
	dir, err := os.MkdirTemp("", "dvala-begin-")
	if err != nil {
		return "", fault.Wrap("file-unwritable", "", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	begin := &InitCmd{Protocol: filepath.Join(dir, "protocol.yaml"), Sealed: filepath.Join(dir, sealedListName), Dir: f.dir, Actor: name}
	for path, b := range map[string][]byte{begin.Protocol: []byte(source), begin.Sealed: sealed} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return "", fault.Wrap("file-unwritable", "", err)
		}
	}
	quiet := *f.p
	quiet.Stdout = io.Discard
	if err := begin.Run(&quiet); err != nil {
		return "", unplaced(err)
	}
	if err := f.ready(f.dir); err != nil {
		return "", err
	}
	f.tell("ready", 0, 0, nil)
	if err := errors.Join(f.Forget(), f.dropTried()); err != nil {
		return "", err
	}
	return f.enter(name)
}

// unplaced takes the names of files out of what is wrong with them: whoever
// brought them knows them by others.
func unplaced(err error) error {
	var l fault.List
	var p *fault.Problem
	switch {
	case errors.As(err, &l):
		out := slices.Clone(l)
		for i, x := range l {
			bare := *x
			bare.File = ""
			out[i] = &bare
		}
		return out
	case errors.As(err, &p):
		bare := *p
		bare.File = ""
		return &bare
	}
	return err
}

// beginner makes the account of whoever has begun the trial, and gives the address
// at which she signs in once. Where one person tries something on herself she
// does everything but what her helper does, and comes in as the participant that
// she is; elsewhere she gives others their roles.
func (d *servedDesk) beginner(ctx context.Context, p *Program, name string) (string, error) {
	who, roles := "administrator", []study.Role{study.RoleAdministrator}
	if d.trial.Protocol().Protocol().Design.Kind == protocol.NOf1 {
		who, roles = "me", append(roles, study.RoleCoordinator, study.RoleInvestigator, study.RoleStatistician)
	}
	if _, err := d.access.AddAccount(ctx, access.Shell(), access.Account{ID: who, Name: name}); err != nil {
		return "", err
	}
	for _, role := range roles {
		if err := d.access.GiveRole(ctx, access.Shell(), who, desk.Grant{Role: role}, "began the trial"); err != nil {
			return "", err
		}
	}
	h, err := d.access.LinkFor(ctx, access.Shell(), who)
	if err != nil {
		return "", err
	}
	if _, err = fmt.Fprintf(p.Stdout, "%s signs in once, within a quarter of an hour, at\n  %s\nand later, where no passkey was added, by dvala serve --link %s\n", who, h.URL, who); err != nil || who != "me" {
		return h.URL, err
	}
	return d.herself(ctx, who, roles)
}

// herself gives the address at which the one person of a trial comes in as its
// participant: she answers its questions, and consents, by her own hand.
func (d *servedDesk) herself(ctx context.Context, who string, roles []study.Role) (string, error) {
	p := d.trial.Protocol().Protocol()
	by := desk.Caller{Account: who}
	for _, role := range roles {
		by.Grants = append(by.Grants, desk.Grant{Role: role})
	}
	h, err := d.access.InviteToScreen(ctx, by, access.Asked{Site: p.Sites[0].ID, Lang: string(p.Languages[0]), Note: "the person herself", Most: 1, Days: 60})
	return h.URL, err
}

// herWayIn prints how the one person who runs her trial comes in as its
// participant once more, on whatever device: all that she does is there.
func (d *servedDesk) herWayIn(ctx context.Context, p *Program) error {
	var who study.Subject
	lang := "en"
	d.trial.View(func(s *study.State) {
		for _, x := range s.Order {
			if desk.RunsIt(s, x) {
				who, lang = x, string(s.Protocol.Protocol().Languages[0])
			}
		}
	})
	if who == "" {
		return nil
	}
	by := desk.Caller{Account: "me", Grants: []desk.Grant{{Role: study.RoleCoordinator}}, From: "shell"}
	h, err := d.access.Invite(ctx, by, who, lang)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "and comes to her own pages (My trial, the diary) on any device, once, at\n  %s\nor at /me/join with the code %s\n", h.URL, h.Code)
	return err
}
