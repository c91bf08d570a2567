package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/epochs"
)

// ScoreCmd measures the architecture of nights from files of any kind that it
// can recognise. A file that cannot be read is named on standard error and the
// others are scored; the exit code then says so.
type ScoreCmd struct {
	Files []string `arg:"" name:"file" help:"Nights: exports of devices (a zip, a folder or a file), EDF+ or BDF+ with stages, tables or lists of epochs; - is standard input."`

	Format string `enum:"text,json,csv,html" default:"text" help:"text, json, csv or html."`
	Detail bool   `help:"Print every night in full, also when there are many."`
	Person bool   `help:"The nights are one person's: tell also means, regularity, timing and criteria over them."`
	Why    bool   `help:"Say on standard error what became of each record of a device: kept, merged, nap, dropped, superseded."`
	Age    *int   `placeholder:"YEARS" help:"Age of the person: hold each night against criteria and norms."`

	Map            string        `placeholder:"NAME|0=W,1=N1,…" help:"What the codes of a table mean: boas-human, boas-ai, boas-headband, dod, yasa, rk-5, words, letters, or your own."`
	StageColumn    string        `placeholder:"NAME" help:"Column of a table that holds the stages."`
	OnsetColumn    string        `placeholder:"NAME" help:"Column that holds seconds or times."`
	DurationColumn string        `placeholder:"NAME" help:"Column that holds durations in seconds."`
	Epoch          time.Duration `placeholder:"30s" help:"Length of an epoch, where the file does not say."`
	Zone           string        `placeholder:"Europe/Stockholm" help:"Time zone whose clock the sleeper saw, where the file does not say."`
	LightsOff      string        `placeholder:"23:05" help:"Lights off by the clock; without it, where scoring begins."`
	LightsOn       string        `placeholder:"07:10" help:"Lights on by the clock; without it, where scoring ends."`
}

// scored is one night of one file with its measures.
type scored struct {
	File         string             `json:"file"`
	Night        string             `json:"night,omitempty"` // its date, where known
	Kind         string             `json:"kind"`            // of source
	Scorer       string             `json:"scorer,omitempty"`
	Hypnogram    sleep.Hypnogram    `json:"hypnogram"`
	Naps         []sleep.Hypnogram  `json:"naps,omitempty"`
	Architecture sleep.Architecture `json:"architecture"`
	Stated       *sleep.Totals      `json:"stated,omitempty"`
	Quality      []sleep.Criterion  `json:"quality,omitempty"` // with --age
	Norms        []placed           `json:"norms,omitempty"`   // with --age
	lights       sleep.Lights
	zone         string
}

// placed is where a night's value lies in a norm.
type placed struct {
	sleep.Norm
	Value float64 `json:"value"`
	Place string  `json:"place"`
}

// judge holds a night against criteria and norms of an age.
func (s *scored) judge(age int) {
	s.Quality = sleep.QualityOf(s.Architecture, sleep.Sleeper{AgeYears: &age})
	for _, r := range s.Architecture.Table() {
		for _, n := range sleep.Norms(r.Name, age) {
			if r.Value != nil {
				s.Norms = append(s.Norms, placed{n, *r.Value, n.Place(*r.Value)})
			}
		}
	}
}

// scoredFields has the fields of scored and none of its methods.
type scoredFields scored

// MarshalJSON leaves the architecture of a night out that has totals only.
func (s scored) MarshalJSON() ([]byte, error) {
	if !s.totalsOnly() {
		return json.Marshal(struct {
			scoredFields
			P map[sleep.Stage]map[sleep.Stage]float64 `json:"transition_probabilities,omitempty"`
		}{scoredFields(s), s.probabilities()})
	}
	return json.Marshal(struct {
		scoredFields
		Architecture *sleep.Architecture `json:"architecture"`
		From         *time.Time          `json:"in_bed_from,omitempty"`
		To           *time.Time          `json:"in_bed_to,omitempty"`
	}{scoredFields(s), nil, known(s.lights.Off), known(s.lights.On)})
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// title names a night for people.
func (s scored) title() string {
	if s.Night == "" {
		return s.File
	}
	return s.File + ", night to " + s.Night
}

// Run scores all files.
func (cmd *ScoreCmd) Run(p *Program) error {
	opt, err := cmd.options()
	if err != nil {
		return err
	}
	var nights []scored
	failed := 0
	opt.meter = newMeter(p, "files", len(cmd.Files))
	over := *p
	over.Stderr = opt.meter.over(p.Stderr)
	p = &over
	for _, name := range cmd.Files {
		if cmd.Why {
			opt.why = func(d wearable.Decision) {
				fmt.Fprintf(p.Stderr, "%s: night to %v: %s: %s, %s\n", name, d.Night, d.Record, d.Action, d.Why)
			}
		}
		found, warnings, err := cmd.file(p, name, opt)
		for _, w := range warnings {
			fmt.Fprintln(p.Stderr, w.In(name).Text())
		}
		if err != nil {
			failed++
			fmt.Fprintln(p.Stderr, fault.Text(named(err, name)))
		}
		nights = append(nights, found...)
		opt.meter.end()
	}
	opt.meter.done()
	if failed > 0 {
		fmt.Fprintf(p.Stderr, "%d of %d files could not be scored\n", failed, len(cmd.Files))
	}
	if len(nights) > 0 || failed == 0 {
		if err := cmd.write(p, nights); err != nil {
			return err
		}
	}
	if failed > 0 {
		return errPrinted
	}
	return nil
}

// named puts the file's name to an error.
func named(err error, file string) error {
	var many fault.List
	var one *fault.Problem
	switch {
	case errors.As(err, &many):
		return many.In(file)
	case errors.As(err, &one):
		return one.In(cmp.Or(one.File, file))
	}
	return fault.Wrap("read", "", err).In(file)
}

// scoreOptions is the flags, understood.
type scoreOptions struct {
	layout   epochs.Layout
	zone     *time.Location // nil: as the file says
	zoneName string
	epoch    time.Duration
	off, on  civil.Clock
	hasOff   bool
	hasOn    bool
	why      func(wearable.Decision) // nil: not asked
	meter    *meter                  // nil: nothing is counted
}

func (cmd *ScoreCmd) options() (scoreOptions, error) {
	opt := scoreOptions{epoch: cmd.Epoch, zoneName: cmd.Zone}
	opt.layout = epochs.Layout{Stage: cmd.StageColumn, Onset: cmd.OnsetColumn, Duration: cmd.DurationColumn, Epoch: cmd.Epoch}
	var l fault.List
	if cmd.Map != "" {
		m, err := epochs.Named(cmd.Map)
		l.Merge("map", "--map", err)
		opt.layout.Map = &m
	}
	if cmd.Zone != "" {
		zone, err := sleep.Location(cmd.Zone)
		l.Merge("zone", "--zone", err)
		opt.zone, opt.layout.Zone = zone, zone
	}
	if cmd.Epoch != 0 && (cmd.Epoch < sleep.MinEpoch || cmd.Epoch > sleep.MaxEpoch) {
		l.Addf("epoch-length", "--epoch", "an epoch of %v", cmd.Epoch).WithHint("30s is usual")
	}
	for _, c := range []struct {
		text string
		flag string
		to   *civil.Clock
		has  *bool
	}{{cmd.LightsOff, "--lights-off", &opt.off, &opt.hasOff}, {cmd.LightsOn, "--lights-on", &opt.on, &opt.hasOn}} {
		if c.text == "" {
			continue
		}
		v, err := civil.ParseClock(c.text)
		l.Merge("clock-form", c.flag, err)
		*c.to, *c.has = v, true
	}
	return opt, l.Err()
}

// lights gives lights off and on as instants of a night, by the clock.
func (o scoreOptions) lights(h sleep.Hypnogram) sleep.Lights {
	var out sleep.Lights
	start, ok := h.Start()
	date, _ := sleep.DateOf(h)
	if !ok {
		return out
	}
	at := func(c civil.Clock) time.Time {
		if c >= civil.WindowStart {
			return date.Add(-1).At(c, start.Location())
		}
		return date.At(c, start.Location())
	}
	if o.hasOff {
		out.Off = at(o.off)
	}
	if o.hasOn {
		out.On = at(o.on)
	}
	return out
}

// maxPlain bounds what is read of a file that is not streamed.
const maxPlain = 512 << 20

// file reads and measures the nights of one file.
func (cmd *ScoreCmd) file(p *Program, name string, opt scoreOptions) ([]scored, fault.List, error) {
	in, err := openSource(p, name)
	if err != nil {
		return nil, nil, err
	}
	defer in.close()
	if opt.meter != nil {
		in = in.metered(opt.meter)
	}
	var found []scored
	var warnings fault.List
	var unread error
	if in.plain != nil {
		found, warnings, unread = recognise(io.LimitReader(in.plain, maxPlain), opt)
	} else {
		found, warnings, unread = cmd.devices(p, name, in.files, opt)
	}
	for i := range found {
		s := &found[i]
		s.File = name
		s.zone = cmp.Or(s.zone, opt.zoneName)
		if s.totalsOnly() {
			continue
		}
		if date, ok := sleep.DateOf(s.Hypnogram); ok && s.Night == "" {
			s.Night = date.String()
		}
		if _, clock := s.Hypnogram.Start(); !clock && (opt.hasOff || opt.hasOn) {
			warnings.Addf("lights-clock", s.Night, "the file does not say when its record began, so lights by the clock cannot be set").AsWarning()
		}
		if lights := opt.lights(s.Hypnogram); !lights.Off.IsZero() || !lights.On.IsZero() {
			s.lights = lights
		}
		a, ok := sleep.ArchitectureOf(s.Hypnogram, s.lights)
		if !ok {
			return nil, warnings, fault.New("score-nothing", s.Night, "nothing was scored between lights off and lights on")
		}
		s.Architecture = a
		if cmd.Age != nil {
			s.judge(*cmd.Age)
		}
	}
	return found, warnings, unread // what could be read stands beside what could not
}

// openFault says why a file cannot be opened, without its name, which is put
// to every problem anyway.
func openFault(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return fault.New("file", "", "%v", p.Err)
	}
	return fault.Wrap("file", "", err)
}

// write prints the nights in the format asked for.
func (cmd *ScoreCmd) write(p *Program, nights []scored) error {
	var person *personReport
	if cmd.Person && len(nights) > 0 {
		r, err := together(nights, cmd.Age)
		if err != nil {
			return err
		}
		person = &r
	}
	switch cmd.Format {
	case "json":
		if person != nil {
			return writeJSON(p.Stdout, *person)
		}
		return scoreJSON(p.Stdout, nights)
	case "csv":
		return scoreCSV(p.Stdout, nights)
	case "html":
		return scoreHTML(p.Stdout, nights, person)
	}
	if err := cmd.writeText(p, nights); err != nil || person == nil {
		return err
	}
	return personText(p, *person)
}

// writeText prints few nights in full and many on a line each.
func (cmd *ScoreCmd) writeText(p *Program, nights []scored) error {
	staged, totals := split(nights)
	show := func() error { return scoreLines(p.Stdout, staged) }
	switch {
	case len(staged) == 0:
		show = func() error { return nil }
	case cmd.Detail || len(staged) <= 3:
		show = func() error { return scoreDetail(p, staged) }
	}
	if err := show(); err != nil {
		return err
	}
	return scoreTotals(p.Stdout, totals)
}
