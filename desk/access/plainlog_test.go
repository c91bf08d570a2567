package access_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"dvala/desk/access"
	"dvala/fault"
	"dvala/study"
)

// A run's log names nobody: no name, address, code, token or word of anybody's.
func TestLogsNameNobody(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(access.PlainLog(&b))
	o := newOffice(t, func(c *access.Config) { c.Log = log })
	anna := o.caller(t, o.staff(t, "anna", study.RoleCoordinator, "lund"))
	h := must(o.Invite(t.Context(), anna, "P0042", "sv"))
	must(o.Redeem(t.Context(), access.Visit{Addr: "203.0.113.9"}, h.Code))
	a, _ := o.withPasskey(t, "ingrid", study.RoleInvestigator)
	a.origin = "https://evil.example"
	_, _ = o.passkeyIn(t, a)
	log.Warn("tried", "mail", "astrid@example.org", "account", "P0042", "subject", "P0042", "arm", "placebo", "err", fmt.Errorf("Astrid wrote: %w", errors.New("huvudvärk")))
	log.Error("failed", "err", fault.New("some-code", "answers.isi1", "Astrid wrote huvudvärk"), "route", "/x\n{\"level\":\"forged\"}")
	log.With("mail", "astrid@example.org").WithGroup("g").Info("grouped", "name", "Astrid", "status", 200)
	if b.Len() == 0 {
		t.Fatal("there is no log")
	}
	for _, secret := range []string{"Astrid", "astrid", "huvud", "P0042", "203.0.113", "placebo", "clinic.example", h.Code, tokenOf(h.URL), "Name of"} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("the log says %q:\n%s", secret, b.String())
		}
	}
	if !strings.Contains(b.String(), "some-code") || !strings.Contains(b.String(), `"status":200`) {
		t.Errorf("the log says too little:\n%s", b.String())
	}
	for line := range strings.SplitSeq(strings.TrimSpace(b.String()), "\n") {
		if !strings.HasPrefix(line, `{"time"`) {
			t.Errorf("a line was forged: %s", line)
		}
	}
}

// What somebody else says in an error is left out, also where it comes as a text;
// of a file that is damaged its hash is told, which says nothing of what is in it.
func TestLogLeavesOutOthersWords(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(access.PlainLog(&b))
	sum := strings.Repeat("0a", 32)
	log.Error("jobs: x", "err", "failed to connect to user=dvala host=db.clinic.example", "error", "P0042", "job_kind", "x", "args", []string{"P0042"})
	log.Error("y", "err", fmt.Errorf("entry: %w", fault.Wrap("blob-damaged", sum, errors.New("/srv/dvala"))))
	log.Error("z", "err", fault.New("subject-unknown", "P0042", "x"), "who", "P0042")
	if got := b.String(); strings.Contains(got, "clinic") || strings.Contains(got, "P0042") || strings.Contains(got, "/srv") || !strings.Contains(got, `"err":"blob-damaged `+sum+`"`) {
		t.Error(got)
	}
}
