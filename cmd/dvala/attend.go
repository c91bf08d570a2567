package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"dvala/custody"
	"dvala/fault"
	"dvala/seal"
	"dvala/study"
)

// AttendCmd answers a trial's requests for places of its list, which minimisation
// wants while people are randomised. It is for the custodian, on a machine of her
// own: it opens the whole list, and tells the trial places alone.
type AttendCmd struct {
	Server   string        `arg:"" placeholder:"URL" help:"Where the trial is served, as in https://trial.example."`
	Key      string        `required:"" type:"path" placeholder:"FILE" help:"The custodian's key."`
	Token    string        `required:"" type:"path" placeholder:"FILE" help:"A file with a token of the custodian's account, which she issues to herself when she is signed in."`
	Protocol string        `default:"protocol.yaml" type:"path" placeholder:"FILE" help:"The protocol that the list was sealed for. (${default})"`
	Sealed   []string      `default:"sealed-list.dvl" type:"path" placeholder:"FILE" help:"The sealed list, and all that extend it, in their order. (${default})"`
	Memory   string        `default:"answered.json" type:"path" placeholder:"FILE" help:"Where it keeps what it has answered, so that no other history can be put to it. Keep it with the key. (${default})"`
	Every    time.Duration `default:"2s" help:"How often it asks. (${default})"`
	Once     bool          `help:"Answer what waits now, and end."`
}

// Run attends.
func (c *AttendCmd) Run(p *Program) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return c.attend(ctx, p)
}

func (c *AttendCmd) attend(ctx context.Context, p *Program) error {
	w, err := c.open(p)
	if err != nil {
		return err
	}
	if !c.Once {
		fmt.Fprintf(p.Stdout, "attending %s, asking every %s (Ctrl-C ends it)\n", c.Server, c.Every)
	}
	said := ""
	for {
		n, err := w.answerAll(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (c.Once || !comesRight(err)):
			return err
		case err != nil && err.Error() != said:
			fmt.Fprintf(p.Stderr, "%s %s\n", p.Now().UTC().Format(time.RFC3339), strings.TrimSpace(fault.Text(err)))
			said = err.Error()
		case err == nil && said != "":
			fmt.Fprintf(p.Stderr, "%s it goes on\n", p.Now().UTC().Format(time.RFC3339))
			said = ""
		}
		if c.Once {
			fmt.Fprintf(p.Stdout, "%s\n", counted(n, "request")+" answered")
			return nil
		}
		if rest(ctx, c.Every) != nil {
			return nil
		}
	}
}

// comesRight says of what is wrong that it may be right the next time: nobody answers
// there, or the list has to be extended.
func comesRight(err error) bool {
	switch fault.CodeOf(err) {
	case codeUnreached, custody.CodeExhausted, "allocation-unasked", "allocation-order":
		return true
	}
	return false
}

// attending is an attendant at its work.
type attending struct {
	*custody.Attendant
	trial  *trialLine
	lists  []string
	memory string
	first  seal.Hash
	p      *Program
}

// open reads all that is wanted, and opens the list.
func (c *AttendCmd) open(p *Program) (*attending, error) {
	k, err := readKey(c.Key)
	if err != nil {
		return nil, err
	}
	file, err := parseProtocol(c.Protocol)
	if err != nil {
		return nil, err
	}
	if file.checked.IsZero() {
		return nil, file.problems.Errors()
	}
	l, err := readLists(c.Sealed...)
	if err != nil {
		return nil, err
	}
	w := &attending{memory: c.Memory, first: l.Parts()[0].Hash(), p: p}
	for _, part := range l.Parts() {
		w.lists = append(w.lists, part.Hash().String())
	}
	if w.trial, err = newTrialLine(c.Server, c.Token); err != nil {
		return nil, err
	}
	if w.Attendant, err = custody.Attend(k, l, file.checked); err != nil {
		return nil, inFile(c.Sealed[0], err)
	}
	answered, err := readMemory(c.Memory, w.first)
	if err != nil {
		return nil, err
	}
	w.Remember(answered)
	return w, nil
}

// pace is how long after a look its answer is sent: longer than any takes to be
// drawn, so that the time tells nothing of the draw.
const pace = 300 * time.Millisecond

// answerAll answers what waits, one after the other.
func (w *attending) answerAll(ctx context.Context) (n int, err error) {
	for {
		from := w.p.Now()
		seen, err := w.trial.allocations(ctx)
		if err != nil {
			return n, err
		}
		if strings.Join(seen.lists, " ") != strings.Join(w.lists, " ") {
			return n, fault.New(custody.CodeForeign, "sealed list", "the trial goes on with other lists than were given here").
				WithHint("give the list and all that extend it and that the trial has taken on: --sealed %s --sealed sealed-list-2.dvl", sealedListName)
		}
		reply, waits, err := w.Next(seen.asked)
		if err != nil || !waits {
			return n, err
		}
		// What is sent is remembered first: a machine that stops between the two
		// must not come to answer otherwise.
		if err := writeMemory(w.memory, w.first, w.Attendant.Memory()); err != nil {
			return n, err
		}
		if err := rest(ctx, pace-w.p.Now().Sub(from)); err != nil {
			return n, err
		}
		who := seen.who[reply.Entry]
		if err := w.trial.answer(ctx, who, study.AnswerAllocation{
			Request: reply.Entry, Slot: reply.Slot, Seen: reply.Seen.String(), Signature: hex.EncodeToString(reply.Signature),
		}); err != nil {
			return n, err
		}
		n++
		fmt.Fprintf(w.p.Stdout, "%s %s: entry %d answered, slot %d\n", w.p.Now().UTC().Format(time.RFC3339), who, reply.Entry, reply.Slot)
	}
}

// rest waits a while, or until it is to end.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(max(d, 0))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
