package access

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"dvala/fault"
)

// known are the members that a log may have. Others are left out of it: their
// names say that they are there, and their values do not.
var known = []string{"method", "route", "status", "duration", "bytes", "err", "code", "by", "account", "entries", "n", "action", "kind", "site", "job", "attempt", "request", "operation", "at"}

// PlainLog gives a handler that writes JSON lines without personal data or arms.
// A member is written only if its name is on a list of harmless ones; an error is
// written as its code and, where it has none, as its type, for its words may
// quote what somebody wrote.
func PlainLog(w io.Writer) slog.Handler {
	return plain{slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: harmless})}
}

func harmless(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && slices.Contains([]string{slog.TimeKey, slog.LevelKey, slog.MessageKey}, a.Key) {
		return a
	}
	if !slices.Contains(known, a.Key) {
		return slog.String(a.Key, "(left out)")
	}
	if a.Key == "account" && isParticipantCode(a.Value.String()) {
		return slog.String(a.Key, "(participant)")
	}
	if err, is := a.Value.Any().(error); is {
		return slog.String(a.Key, errorKind(err))
	}
	if a.Key == "err" { // somebody else's words: the queue's machinery gives its errors as texts
		return slog.String(a.Key, "(left out)")
	}
	if a.Value.Kind() == slog.KindString {
		return slog.String(a.Key, clip(strings.Map(printable, a.Value.String()), 200))
	}
	return a
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' {
		return ' '
	}
	return r
}

// errorKind tells an error by its code, or by the kinds of the errors in it.
func errorKind(err error) string {
	if code := fault.CodeOf(err); code != "" {
		var p *fault.Problem
		if errors.As(err, &p) && isHash(p.Place) {
			return string(code) + " " + p.Place // a file's name says nothing of what is in it
		}
		return string(code)
	}
	var kinds []string
	for e := err; e != nil; {
		kinds = append(kinds, typeName(e))
		u, is := e.(interface{ Unwrap() error })
		if !is {
			break
		}
		e = u.Unwrap()
	}
	return strings.Join(kinds, " ")
}

type plain struct{ slog.Handler }

// Handle keeps messages, which are constants in this program, on one line.
func (p plain) Handle(ctx context.Context, r slog.Record) error {
	r.Message = strings.Map(printable, r.Message)
	return p.Handler.Handle(ctx, r)
}

// WithAttrs keeps the handler's own kind.
func (p plain) WithAttrs(a []slog.Attr) slog.Handler { return plain{p.Handler.WithAttrs(a)} }

// WithGroup keeps it, too.
func (p plain) WithGroup(name string) slog.Handler { return plain{p.Handler.WithGroup(name)} }

func typeName(e error) string { return fmt.Sprintf("%T", e) }

// isHash says whether a place is a SHA-256, as files are named by.
func isHash(place string) bool {
	return len(place) == 64 && strings.Trim(place, "0123456789abcdef") == ""
}
