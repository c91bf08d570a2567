package jobs

import (
	"context"
	"log/slog"
)

// warnings lets through what somebody should know, and not that a queue began
// or a table was made.
type warnings struct{ slog.Handler }

// Enabled says whether a record of this level is let through.
func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}

// WithAttrs keeps what is asked for.
func (w warnings) WithAttrs(a []slog.Attr) slog.Handler { return warnings{w.Handler.WithAttrs(a)} }

// WithGroup keeps what is asked for.
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

// quiet gives the logger of the queue's own machinery; silent where there is none.
func quiet(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(warnings{l.Handler()})
}
