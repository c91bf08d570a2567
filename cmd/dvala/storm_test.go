package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"dvala/desk/desktest"
	"dvala/desk/remind"
	"dvala/jobs"
	"dvala/notify"
	"dvala/store/reminders"
	"dvala/store/sqldb"
	"dvala/store/sqldb/pgtest"
	"dvala/study"
)

// countedMail counts what everybody was sent.
type countedMail struct {
	mu  sync.Mutex
	got map[string]int
}

func (c *countedMail) Mail(_ context.Context, to string, _ remind.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got[to]++
	return nil
}

// everybody has an address.
type everybody struct{}

func (everybody) Mail(_ context.Context, who study.Subject) (string, bool, error) {
	return string(who), true, nil
}
func (everybody) Staff(context.Context, study.Subject) ([]notify.Reader, error) { return nil, nil }

// A thousand people are due in the same minute, and two workers of one database
// both ask for it to be looked, again and again while it is being done: each
// person gets one reminder.
func TestReminderStorm(t *testing.T) {
	const people = 1000
	trial := desktest.New(t, "../../study/testdata/small.yaml", 4)
	joined := time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)
	for range people {
		trial.Person(t, joined)
	}
	now := time.Date(2026, 3, 3, 6, 30, 0, 0, time.UTC) // half past seven in Stockholm
	mail := &countedMail{got: map[string]int{}}
	url := pgtest.Start(t).URL(t)
	var queues []*jobs.Queue
	for range 2 {
		db, err := sqldb.OpenPostgres(t.Context(), url, "dvala_storm")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.EnsureSchema(t.Context()); err != nil {
			t.Fatal(err)
		}
		book, err := reminders.Open(t.Context(), db.Write, db.Read)
		if err != nil {
			t.Fatal(err)
		}
		sender := &notify.Sender{Book: book, Addresses: everybody{}, Mailer: mail, Now: func() time.Time { return now }}
		h := jobs.NewHandlers()
		jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.Reminders]) error {
			_, err := sender.Tick(ctx, trial)
			return err
		})
		q, err := jobs.Open(t.Context(), db, jobs.Options{Handlers: h, Workers: 4, Poll: 100 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = stopJobs(context.Background(), q) }()
		queues = append(queues, q)
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		for _, q := range queues {
			if _, err := q.EnqueueAnew(t.Context(), jobs.Reminders{}); err != nil {
				t.Fatal(err)
			}
		}
		mail.mu.Lock()
		n := len(mail.got)
		mail.mu.Unlock()
		if n == people {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d were reminded", n, people)
		}
	}
	time.Sleep(500 * time.Millisecond) // what is begun still
	mail.mu.Lock()
	defer mail.mu.Unlock()
	var wrong []string
	for who, n := range mail.got {
		if n != 1 {
			wrong = append(wrong, fmt.Sprintf("%s %d times", who, n))
		}
	}
	if len(wrong) > 0 {
		t.Errorf("%d of %d: %v", len(wrong), people, wrong[:min(len(wrong), 5)])
	}
}
