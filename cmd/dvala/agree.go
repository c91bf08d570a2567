package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"dvala/fault"
	"dvala/sleep"
	"dvala/sleep/agree"
)

// AgreeCmd measures how far a device agrees with a reference over the same
// nights, or several scorers with each other. Each side is a file, or a pattern
// such as 'nights/*.tsv' that names many; nights are matched by a part of their
// names, by their dates, or, one file against one, by being alone.
type AgreeCmd struct {
	Sides []string `arg:"" name:"side" help:"Reference and device, or three and more scorers: each a file, or a pattern in quotes. The same twice, if --device-column says another column."`

	Match        string `placeholder:"REGEXP" help:"The part of a path that names the night, as in 'sub-[0-9]+'; without it, the file's name."`
	RefColumn    string `placeholder:"NAME" help:"Column of stages in the reference's tables."`
	RefMap       string `placeholder:"NAME" help:"What the reference's codes mean (see dvala score --help)."`
	DeviceColumn string `placeholder:"NAME" help:"Column of stages in the device's tables."`
	DeviceMap    string `placeholder:"NAME" help:"What the device's codes mean."`
	Zone         string `placeholder:"Europe/Stockholm" help:"Time zone, where files do not say."`
	Lag          int    `placeholder:"EPOCHS" help:"Look for the lag between the two clocks, up to so many epochs either way, and take it out."`
	Bootstrap    int    `default:"2000" help:"Draws for the intervals."`
	Seed         uint64 `default:"1" help:"Seed of the draws."`
	Intervals    string `enum:"classic,basic,percentile" default:"classic" help:"Intervals of bias and limits: classic (by Student's t; where bias or spread grow with the size, by basic bootstrap), or always by bootstrap, basic or percentile."`

	Format string `enum:"text,json,html" default:"text" help:"text, json or html."`
	Plot   bool   `help:"Draw each measure's differences under the tables."`
}

// agreement is all that the verb finds.
type agreement struct {
	Nights    int                 `json:"nights"`
	Epochs    int                 `json:"epochs"`
	Scheme    string              `json:"scheme"`
	Classes   []sleep.Stage       `json:"classes"`
	Seed      uint64              `json:"seed"`
	Matrix    [][]int             `json:"matrix"` // rows reference, columns device
	Overall   []agreeRate         `json:"overall"`
	Stages    []stageRates        `json:"stages"`
	Measures  []measureDifference `json:"measures"`
	PerNight  []nightAgreement    `json:"per_night"`
	Unmatched []string            `json:"unmatched,omitempty"`
}

// agreeRate is a rate over all epochs pooled, its interval over nights, and its mean
// over nights.
type agreeRate struct {
	Name      string   `json:"name"`
	Pooled    *float64 `json:"pooled,omitempty"`
	Low       *float64 `json:"low,omitempty"`
	High      *float64 `json:"high,omitempty"`
	NightMean *float64 `json:"night_mean,omitempty"`
	Nights    int      `json:"nights"` // that define it
}

type stageRates struct {
	Stage sleep.Stage `json:"stage"`
	Rates []agreeRate `json:"rates"`
}

type measureDifference struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Unit  string `json:"unit"`
	agree.Differences
	Boot     *agree.Boot `json:"bootstrap,omitempty"`
	Drawn    bool        `json:"bootstrap_intervals"` // they are shown, not the classic ones
	ref, dev []float64
}

type nightAgreement struct {
	Night    string     `json:"night"`
	Epochs   int        `json:"epochs"`
	Accuracy *float64   `json:"accuracy,omitempty"`
	Kappa    *float64   `json:"kappa,omitempty"`
	Lag      *agree.Lag `json:"lag,omitempty"`
}

// Run compares.
func (cmd *AgreeCmd) Run(p *Program) error {
	match, err := regexp.Compile(cmd.Match)
	if err != nil {
		return fault.Wrap("match", "--match", err)
	}
	failed := 0
	side := func(pattern, column, codes string) (map[string]sleep.Hypnogram, error) {
		nights, bad, err := cmd.side(p, pattern, column, codes, match)
		failed += bad
		return nights, err
	}
	if len(cmd.Sides) < 2 {
		return fault.New("agree-sides", "", "one side agrees with nobody").WithHint("name a reference and a device, or several scorers")
	}
	if len(cmd.Sides) > 2 {
		return cmd.scorers(p, side, &failed)
	}
	ref, err := side(cmd.Sides[0], cmd.RefColumn, cmd.RefMap)
	if err != nil {
		return err
	}
	dev, err := side(cmd.Sides[1], cmd.DeviceColumn, cmd.DeviceMap)
	if err != nil {
		return err
	}
	if len(ref) == 1 && len(dev) == 1 {
		ref, dev = alone(ref), alone(dev)
	}
	result, err := cmd.compare(p, ref, dev)
	if err != nil {
		return err
	}
	if err := cmd.write(p, result); err != nil {
		return err
	}
	if failed > 0 {
		return errPrinted
	}
	return nil
}

// alone gives the only night a name of its own.
func alone(m map[string]sleep.Hypnogram) map[string]sleep.Hypnogram {
	for _, h := range m {
		return map[string]sleep.Hypnogram{"night": h}
	}
	return m
}

// side reads all nights of one side, by the name that matches them.
func (cmd *AgreeCmd) side(p *Program, pattern, column, codes string, match *regexp.Regexp) (map[string]sleep.Hypnogram, int, error) {
	score := ScoreCmd{StageColumn: column, Map: codes, Zone: cmd.Zone}
	opt, err := score.options()
	if err != nil {
		return nil, 0, err
	}
	files, err := filepath.Glob(pattern)
	if _, statErr := os.Stat(pattern); err != nil || statErr == nil || len(files) == 0 {
		files = []string{pattern}
	}
	out := map[string]sleep.Hypnogram{}
	failed := 0
	for _, name := range files {
		nights, _, err := score.file(p, name, opt)
		if err != nil {
			failed++
			fmt.Fprintln(p.Stderr, fault.Text(named(err, name)))
		}
		for _, n := range nights {
			key := nightKey(name, n.Night, len(nights) > 1, match)
			if _, twice := out[key]; twice {
				return nil, 0, fault.New("agree-twice", "", "two nights are called %q", key).In(name).WithHint("--match says which part of a path names the night")
			}
			out[key] = n.Hypnogram
		}
	}
	return out, failed, nil
}

// nightKey names a night: by the part of its path that matches, else by its date
// where a file has several, else by the file.
func nightKey(path, date string, several bool, match *regexp.Regexp) string {
	key := ""
	if match.String() != "" {
		key = match.FindString(filepath.ToSlash(path))
	}
	if several {
		return strings.TrimSpace(key + " " + date)
	}
	if key != "" {
		return key
	}
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// compare pairs the nights and measures their agreement.
func (cmd *AgreeCmd) compare(p *Program, ref, dev map[string]sleep.Hypnogram) (agreement, error) {
	var pairs []agree.Pair
	var out agreement
	for _, name := range sortedKeys(ref) {
		d, ok := dev[name]
		if !ok {
			out.Unmatched = append(out.Unmatched, name)
			continue
		}
		pair, err := agree.MakePair(name, ref[name], d)
		if err != nil {
			return agreement{}, err
		}
		if pair.RefLen != len(pair.Ref) || pair.DevLen != len(pair.Dev) {
			fmt.Fprintln(p.Stderr, fault.New("agree-length", name, "%d epochs of the reference's %d and the device's %d are in both", len(pair.Ref), pair.RefLen, pair.DevLen).AsWarning().Text())
		}
		pairs = append(pairs, pair)
	}
	for _, name := range sortedKeys(dev) {
		if _, ok := ref[name]; !ok {
			out.Unmatched = append(out.Unmatched, name)
		}
	}
	if len(pairs) == 0 {
		return agreement{}, fault.New("agree-none", "", "no night is on both sides: %s", strings.Join(first(out.Unmatched, 6), ", ")).
			WithHint("--match says which part of a path names the night, as in 'sub-[0-9]+'")
	}
	return cmd.measure(pairs, out), nil
}

func sortedKeys(m map[string]sleep.Hypnogram) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func first(s []string, n int) []string { return s[:min(n, len(s))] }

// measure fills in the rates and differences of the pairs, in the coarsest of
// their schemes.
func (cmd *AgreeCmd) measure(pairs []agree.Pair, out agreement) agreement {
	scheme := agree.FiveStages
	for _, q := range pairs {
		scheme = max(scheme, q.Scheme)
	}
	pooled := agree.NewMatrix(scheme)
	matrices := make([]agree.Matrix, len(pairs))
	for i := range pairs {
		night := nightAgreement{Night: pairs[i].Name}
		if cmd.Lag > 0 {
			if lag, ok := agree.FindLag(pairs[i].Ref, pairs[i].Dev, scheme, cmd.Lag); ok {
				night.Lag = &lag
				pairs[i] = pairs[i].Shift(lag.Epochs)
			}
		}
		m := agree.MatrixOf(pairs[i], scheme)
		matrices[i] = m
		pooled.Add(m)
		night.Epochs, night.Accuracy, night.Kappa = m.Total(), defined(m.Accuracy()), defined(m.Kappa())
		out.PerNight = append(out.PerNight, night)
	}
	out.Nights, out.Epochs, out.Scheme, out.Classes, out.Matrix, out.Seed = len(pairs), pooled.Total(), scheme.String(), scheme.Classes(), pooled.N, cmd.Seed
	rate := func(name string, f func(agree.Matrix) (float64, bool)) agreeRate {
		return cmd.rate(name, matrices, pooled, f)
	}
	out.Overall = []agreeRate{rate("accuracy", agree.Matrix.Accuracy), rate("kappa", agree.Matrix.Kappa), rate("pabak", agree.Matrix.PABAK)}
	for i, stage := range scheme.Classes() {
		s := stageRates{Stage: stage}
		for _, r := range []struct {
			name string
			f    func(agree.Binary) (float64, bool)
		}{
			{"sensitivity", agree.Binary.Sensitivity},
			{"specificity", agree.Binary.Specificity},
			{"ppv", agree.Binary.PPV},
			{"npv", agree.Binary.NPV},
			{"accuracy", agree.Binary.Accuracy},
			{"f1", agree.Binary.F1},
			{"kappa", agree.Binary.Kappa},
			{"pabak", agree.Binary.PABAK},
		} {
			s.Rates = append(s.Rates, rate(r.name, func(m agree.Matrix) (float64, bool) { return r.f(m.Of(i)) }))
		}
		out.Stages = append(out.Stages, s)
	}
	out.Measures = cmd.differences(pairs)
	return out
}

func defined(v float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &v
}

// rate gives a rate pooled, with its interval over nights, and its mean.
func (cmd *AgreeCmd) rate(name string, nights []agree.Matrix, pooled agree.Matrix, f func(agree.Matrix) (float64, bool)) agreeRate {
	out := agreeRate{Name: name, Pooled: defined(f(pooled))}
	sum := 0.0
	for _, m := range nights {
		if v, ok := f(m); ok {
			sum += v
			out.Nights++
		}
	}
	if out.Nights > 0 {
		mean := sum / float64(out.Nights)
		out.NightMean = &mean
	}
	low, high, ok := agree.Bootstrap(len(nights), cmd.Bootstrap, cmd.rng(), func(draw []int) (float64, bool) {
		m := agree.NewMatrix(pooled.Scheme)
		for _, i := range draw {
			m.Add(nights[i])
		}
		return f(m)
	})
	if ok {
		out.Low, out.High = &low, &high
	}
	return out
}

// compared are the measures whose differences are told.
var compared = []string{
	"tst_min", "sol_min", "waso_spt_min", "se_tib_pct", "awakenings", "n1_min", "n2_min", "light_min", "n3_min", "rem_min", "rem_latency_onset_min",
}

// differences measures each night on both sides and compares the measures that
// both define. An epoch that either left unscored counts as unscored for both:
// otherwise a device's lost hour would pass for an hour of missed sleep.
func (cmd *AgreeCmd) differences(pairs []agree.Pair) []measureDifference {
	type side map[string]sleep.Row
	of := func(q agree.Pair, row []sleep.Stage) side {
		out := side{}
		h, err := sleep.NewHypnogram(sleepStart, q.Epoch, row)
		if err != nil {
			return out
		}
		end, _ := h.End()
		if a, ok := sleep.ArchitectureOf(h, sleep.Lights{Off: sleepStart, On: end}); ok {
			for _, r := range a.Table() {
				out[r.Name] = r
			}
		}
		return out
	}
	refs, devs := make([]side, len(pairs)), make([]side, len(pairs))
	for i, q := range pairs {
		r, d := slices.Clone(q.Ref), slices.Clone(q.Dev)
		for k := range r {
			if !r[k].IsScored() || !d[k].IsScored() {
				r[k], d[k] = sleep.Unscored, sleep.Unscored
			}
		}
		refs[i], devs[i] = of(q, r), of(q, d)
	}
	var out []measureDifference
	for _, name := range compared {
		m := measureDifference{Name: name}
		for i := range pairs {
			a, b := refs[i][name], devs[i][name]
			if a.Value == nil || b.Value == nil {
				continue
			}
			m.Label, m.Unit = a.Label, a.Unit
			m.ref, m.dev = append(m.ref, *a.Value), append(m.dev, *b.Value)
		}
		d, err := agree.BlandAltman(m.ref, m.dev, agree.Reference)
		if err != nil {
			continue // fewer than three nights define it
		}
		m.Differences = d
		cmd.draw(&m)
		out = append(out, m)
	}
	return out
}

// draw adds the intervals by bootstrap, and says whether they are the ones shown.
func (cmd *AgreeCmd) draw(m *measureDifference) {
	kind := agree.Basic
	if cmd.Intervals == "percentile" {
		kind = agree.Percentile
	}
	b, ok := m.Differences.Bootstrap(m.ref, m.dev, cmd.Bootstrap, kind, cmd.rng())
	if !ok {
		return
	}
	m.Boot, m.Drawn = &b, cmd.Intervals != "classic" || m.Proportional || m.Heteroscedastic
}

// rng gives the same draws for everything that is drawn.
func (cmd *AgreeCmd) rng() *rand.Rand { return rand.New(rand.NewPCG(cmd.Seed, 0x6476616c61)) }

// write prints in the format asked for.
func (cmd *AgreeCmd) write(p *Program, a agreement) error {
	switch cmd.Format {
	case "json":
		return writeJSON(p.Stdout, a)
	case "html":
		return agreeHTML(p.Stdout, a)
	}
	text := agreeText(a)
	if cmd.Plot {
		text += agreePlots(a, p.Width)
	}
	_, err := io.WriteString(p.Stdout, text)
	return err
}
