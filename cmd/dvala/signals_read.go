package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/edf"
	"dvala/edf/annot"
	"dvala/fault"
	"dvala/sleep"
)

// staged is a hypnogram and where it lies on the signal.
type staged struct {
	kind   string
	h      sleep.Hypnogram
	offset time.Duration
}

// scoring reads the hypnogram and puts it to the signal's time.
func (cmd *SignalsCmd) scoring(p *Program, f *edf.File) (staged, error) {
	var s staged
	name := cmd.Hypnogram
	if name == "" {
		notes, _, err := f.Annotations()
		if err != nil {
			return s, named(err, cmd.File)
		}
		h, warnings, err := edf.Hypnogram(f.Header(), notes, edf.Standard(), cmd.epoch(), time.UTC)
		if fault.CodeOf(err) == "edf-no-stages" {
			fmt.Fprintln(p.Stderr, fault.New("signals-no-stages", "", "no stages: the whole record is measured as one").
				WithHint("--hypnogram FILE says which stage is when").AsWarning().In(cmd.File).Text())
			return s, nil
		}
		if err != nil {
			return s, named(err, cmd.File)
		}
		s.kind, s.h, name = string(f.Header().Format), h, cmd.File
		cmd.warn(p, name, warnings)
	} else {
		found, warnings, err := cmd.readHypnogram(name)
		cmd.warn(p, name, warnings)
		if err != nil {
			return s, named(err, name)
		}
		s = found
	}
	return s, cmd.align(p, f, &s)
}

func (cmd *SignalsCmd) warn(p *Program, name string, l fault.List) {
	for _, w := range l {
		fmt.Fprintln(p.Stderr, w.In(name).Text())
	}
}

func (cmd *SignalsCmd) epoch() time.Duration {
	if cmd.Epoch > 0 {
		return cmd.Epoch
	}
	return 30 * time.Second
}

// align finds out when the first epoch begins, after the first sample.
func (cmd *SignalsCmd) align(p *Program, f *edf.File, s *staged) error {
	if cmd.Offset != nil {
		s.offset = time.Duration(*cmd.Offset * float64(time.Second))
		return nil
	}
	begin, ok := f.Header().Start(time.UTC)
	if st := f.Stretches(); len(st) > 0 {
		begin = begin.Add(st[0].From)
	}
	start, ok2 := s.h.Start()
	if ok && !ok2 {
		var err error
		s.h, err = s.h.StartingAt(begin) // so that figures show the clock
		return err
	}
	if !ok || !ok2 {
		return nil
	}
	// Neither file may know its zone: what both told is what a clock showed.
	wall := time.Date(start.Year(), start.Month(), start.Day(), start.Hour(), start.Minute(), start.Second(), start.Nanosecond(), time.UTC)
	s.offset = wall.Sub(begin)
	length := time.Duration(f.Records()) * f.Header().RecordDuration
	if s.offset >= length || -s.offset >= s.h.Duration() {
		return fault.New("signals-apart", "", "the stages begin %v, the record %v: they do not meet", wall.Format(time.DateTime), begin.Format(time.DateTime)).
			WithHint("--offset 0 puts the first epoch to the first sample")
	}
	if s.offset != 0 {
		fmt.Fprintf(p.Stderr, "%s: the first epoch begins %v after the first sample, by the clocks of both files\n", cmd.Hypnogram, s.offset)
	}
	return nil
}

// readHypnogram reads stages of any kind.
func (cmd *SignalsCmd) readHypnogram(name string) (staged, fault.List, error) {
	in, err := os.Open(name)
	if err != nil {
		return staged{}, nil, openFault(err)
	}
	defer in.Close()
	b := bufio.NewReaderSize(in, 1<<16)
	head, err := b.Peek(4096)
	if err != nil && err != io.EOF {
		return staged{}, nil, openFault(err)
	}
	opt, err := (&ScoreCmd{Map: cmd.Map, Epoch: cmd.Epoch}).options()
	if err != nil {
		return staged{}, nil, err
	}
	if annot.Kind(head) != "" {
		o := annot.Options{Epoch: cmd.Epoch}
		if m := opt.layout.Map; m != nil {
			o.Numbers = map[string]sleep.Stage{}
			for n := -9; n < 20; n++ {
				if s, ok := m.Stage(strconv.Itoa(n)); ok {
					o.Numbers[strconv.Itoa(n)] = s
				}
			}
		}
		s, warnings, err := annot.Read(b, o)
		if err != nil {
			return staged{}, warnings, err
		}
		h, more, err := s.Hypnogram(time.UTC)
		return staged{kind: s.Dialect, h: h}, append(warnings, more...), err
	}
	found, warnings, err := recognise(b, opt)
	switch {
	case err != nil:
		return staged{}, warnings, err
	case len(found) != 1:
		return staged{}, warnings, fault.New("signals-nights", "", "%d nights for one record", len(found)).WithHint("give a file with one night")
	}
	return staged{kind: found[0].Kind, h: found[0].Hypnogram}, warnings, nil
}

var (
	looksEEG  = regexp.MustCompile(`(?i)^(eeg\b|eeg |(fp[12z]|af[3478z]|f[1-8z]|fc[1-6z]|c[1-6z]|cp[1-6z]|p[1-8z]|po[3478z]|o[12z]|t[3-8])([ ._/:-]|$))`)
	looksECG  = regexp.MustCompile(`(?i)\b(ecg|ekg)`)
	otherwise = regexp.MustCompile(`(?i)eog|emg|ecg|ekg|chin|leg`)
)

// pick chooses the channels.
func (cmd *SignalsCmd) pick(h edf.Header) (brain []int, ecg int, err error) {
	ecg = -1
	usable := func(s edf.Signal) bool {
		rate, ok := s.Rate(h)
		_, _, scale := s.Scale()
		return ok && scale && rate >= 50
	}
	for _, want := range cmd.Channel {
		n := len(brain)
		for i, s := range h.Signals {
			if strings.Contains(strings.ToLower(s.Label), strings.ToLower(want)) && !slices.Contains(brain, i) && !s.IsAnnotations() {
				brain = append(brain, i)
			}
		}
		if n == len(brain) {
			return nil, -1, noChannel(h, want)
		}
	}
	for i, s := range h.Signals {
		switch {
		case !usable(s):
		case cmd.ECG != "" && strings.Contains(strings.ToLower(s.Label), strings.ToLower(cmd.ECG)), cmd.ECG == "" && looksECG.MatchString(s.Label):
			if ecg < 0 {
				ecg = i
			}
		case cmd.Channel == nil && looksEEG.MatchString(s.Label) && !otherwise.MatchString(s.Label):
			if _, ok := s.Microvolts(); ok {
				brain = append(brain, i)
			}
		}
	}
	if cmd.ECG != "" && ecg < 0 {
		return nil, -1, noChannel(h, cmd.ECG)
	}
	if len(brain) == 0 && ecg < 0 {
		return nil, -1, noChannel(h, "EEG")
	}
	return brain, ecg, nil
}

func noChannel(h edf.Header, want string) error {
	var labels []string
	for _, s := range h.Signals {
		labels = append(labels, s.Label)
	}
	return fault.New("signals-channel", "", "no channel %q that can be measured", want).WithHint("the file has %s; --channel names those to take", strings.Join(labels, ", "))
}

// stagesShown are the rows of tables by stage; without a hypnogram there is one.
func (s staged) stagesShown() []sleep.Stage {
	if s.h.IsEmpty() {
		return []sleep.Stage{sleep.Unscored}
	}
	var out []sleep.Stage
	for _, st := range sleep.Stages() {
		if st != sleep.Unscored && s.h.Count(st) > 0 {
			out = append(out, st)
		}
	}
	return out
}
