// Package fault is the one shape of error in Dvala that a person is meant to
// read: a code for programs, a place, what is wrong, and what to try.
//
// Every reader of something from outside (a protocol, an EDF file, a vendor's
// export, a mapping, a ledger) reports *Problem, and reports all it can find in
// one List rather than stopping at the first. Printed, a problem is
//
//	protocol.yaml:14: arms[0].ratio: 1.5 is not a whole number [arm-ratio]
//		hint: write 3:2 as 3 and 2
//
// Codes are lower-case words joined by hyphens and never change meaning once
// released; messages may improve.
package fault

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Code names one kind of problem, for programs and for searching the docs.
type Code string

// Severity says whether a problem stops the work.
type Severity uint8

// A problem is an Error unless said otherwise: the zero value is the strict one.
const (
	Error   Severity = iota // the input cannot be used as it stands
	Warning                 // it can be used, and is weaker than it should be
)

// String gives "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Problem is one thing wrong with one input.
type Problem struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity,omitempty"`
	File     string   `json:"file,omitempty"`  // as the user named it; empty inside pure code
	Line     int      `json:"line,omitempty"`  // from 1; 0 where lines do not apply
	Place    string   `json:"place,omitempty"` // in the file's own words: arms[0].ratio, record 12, byte 640
	Message  string   `json:"message"`         // what is wrong, in a sentence without a full stop
	Hint     string   `json:"hint,omitempty"`  // what to try
	Cause    error    `json:"-"`               // the lower error, for errors.Is
}

// New makes an error-severity problem. The format is of the message.
func New(code Code, place, format string, args ...any) *Problem {
	return &Problem{Code: code, Place: place, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes a problem that keeps the lower error as its cause and tells it in
// the message.
func Wrap(code Code, place string, err error) *Problem {
	return &Problem{Code: code, Place: place, Message: err.Error(), Cause: err}
}

// WithHint sets the hint and returns the problem itself.
func (p *Problem) WithHint(format string, args ...any) *Problem {
	p.Hint = fmt.Sprintf(format, args...)
	return p
}

// At sets the line and returns the problem itself.
func (p *Problem) At(line int) *Problem {
	p.Line = line
	return p
}

// In sets the file and returns the problem itself.
func (p *Problem) In(file string) *Problem {
	p.File = file
	return p
}

// AsWarning lowers the severity and returns the problem itself.
func (p *Problem) AsWarning() *Problem {
	p.Severity = Warning
	return p
}

// Error gives the problem on one line, without its hint.
func (p *Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		b.WriteByte(':')
	}
	if p.Line > 0 {
		fmt.Fprintf(&b, "%d:", p.Line)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	if p.Place != "" {
		b.WriteString(p.Place)
		b.WriteString(": ")
	}
	if p.Severity == Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Message)
	fmt.Fprintf(&b, " [%s]", p.Code)
	return b.String()
}

// Text gives the problem as the terminal shows it: the line, then the hint on
// a line of its own.
func (p *Problem) Text() string {
	if p.Hint == "" {
		return p.Error()
	}
	return p.Error() + "\n\thint: " + p.Hint
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// List is every problem found in one go, in the order of the file.
type List []*Problem

// Add appends a problem and returns it, so that a hint or a line can follow.
func (l *List) Add(p *Problem) *Problem {
	*l = append(*l, p)
	return p
}

// Addf makes and appends an error-severity problem.
func (l *List) Addf(code Code, place, format string, args ...any) *Problem {
	return l.Add(New(code, place, format, args...))
}

// Merge appends what an error holds: all of a List, a Problem, or a plain
// error under the code given. A nil error adds nothing.
func (l *List) Merge(code Code, place string, err error) {
	if err == nil {
		return
	}
	var many List
	var one *Problem
	switch {
	case errors.As(err, &many):
		*l = append(*l, many...)
	case errors.As(err, &one):
		*l = append(*l, one)
	default:
		*l = append(*l, Wrap(code, place, err))
	}
}

// In names the file of every problem that has none, and returns the list.
func (l List) In(file string) List {
	for _, p := range l {
		if p.File == "" {
			p.File = file
		}
	}
	return l
}

// Errors gives only the problems that stop the work.
func (l List) Errors() List { return l.only(Error) }

// Warnings gives only those that do not.
func (l List) Warnings() List { return l.only(Warning) }

func (l List) only(s Severity) List {
	var out List
	for _, p := range l {
		if p.Severity == s {
			out = append(out, p)
		}
	}
	return out
}

// Err gives the list as an error if any problem in it stops the work, else nil.
func (l List) Err() error {
	if len(l.Errors()) == 0 {
		return nil
	}
	return l
}

// Has says whether a problem of that code is in the list.
func (l List) Has(code Code) bool {
	for _, p := range l {
		if p.Code == code {
			return true
		}
	}
	return false
}

// Sort orders by file, line and place, keeping the order found within a place.
func (l List) Sort() {
	sort.SliceStable(l, func(i, j int) bool {
		a, b := l[i], l[j]
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Line < b.Line
	})
}

// Error gives all problems, one line each.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, p := range l {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Text gives all problems with their hints.
func (l List) Text() string {
	lines := make([]string, len(l))
	for i, p := range l {
		lines[i] = p.Text()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find a Problem in the list.
func (l List) Unwrap() []error {
	out := make([]error, len(l))
	for i, p := range l {
		out[i] = p
	}
	return out
}

// CodeOf gives the code of the first problem in an error, or "" if it holds none.
func CodeOf(err error) Code {
	var p *Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// Text gives any error as the terminal shows it.
func Text(err error) string {
	var l List
	var p *Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &l):
		return l.Text()
	case errors.As(err, &p):
		return p.Text()
	}
	return err.Error()
}
