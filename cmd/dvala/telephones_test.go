package main

import (
	"context"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/store"
	"dvala/store/people"
	"dvala/store/reminders"
	"dvala/study"
)

// Of a telephone it is known since when the pages are on its home screen, and when
// it was last in touch from any of her sessions; of nobody else's.
func TestTelephones(t *testing.T) {
	ctx := t.Context()
	accounts, err := people.Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer accounts.Close()
	trial, err := store.Open(ctx, smallTrial(t))
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	book, err := reminders.Open(ctx, trial.Database().Write, trial.Database().Read)
	if err != nil {
		t.Fatal(err)
	}
	d := &telephones{book: book, people: accounts}
	who, other := study.Subject("P0001"), study.Subject("P0002")
	if got, err := d.Device(ctx, who); err != nil || got != (desk.Device{}) {
		t.Fatalf("of nobody: %+v, %v", got, err)
	}
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	err = accounts.Write(ctx, func(w access.Writer) error {
		for id, of := range map[string]study.Subject{"a1": who, "a2": other} {
			if err := w.PutAccount(ctx, access.Account{ID: id, Subject: of, Created: noon}); err != nil {
				return err
			}
		}
		for i, s := range []access.Session{
			{Account: "a1", Seen: noon}, {Account: "a1", Seen: noon.Add(time.Hour), Ended: noon.Add(2 * time.Hour)}, {Account: "a2", Seen: noon.Add(9 * time.Hour)},
		} {
			s.ID, s.Hash, s.Started = string(rune('a'+i)), string(rune('a'+i)), noon
			if err := w.PutSession(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := book.NoteInstalled(context.Background(), who, noon); err != nil {
		t.Fatal(err)
	}
	got, err := d.Device(ctx, who)
	if err != nil || !got.Installed.Equal(noon) || !got.Seen.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v, %v", got, err)
	}
	quiet, err := d.LastSeenBefore(ctx, noon.Add(2*time.Hour))
	if err != nil || len(quiet) != 1 || !quiet[who].Equal(noon.Add(time.Hour)) {
		t.Errorf("not in touch since: %v, %v", quiet, err)
	}
	if quiet, err = d.LastSeenBefore(ctx, noon.Add(time.Hour)); err != nil || len(quiet) != 0 {
		t.Errorf("in touch at that very moment: %v, %v", quiet, err)
	}
	if got.Away(noon.Add(25*time.Hour)) || !got.Away(noon.Add(25*time.Hour+time.Second)) || (desk.Device{}).Away(noon) {
		t.Error("a day is not a day")
	}
}
