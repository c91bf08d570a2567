package actigraphy

import (
	"cmp"
	"io"
	"slices"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable"
	"dvala/wearable/session"
)

// Options is how counts are scored and what the file does not say.
type Options struct {
	Zone      string // IANA name or offset of the clock the device was set to
	SHA256    string
	Layout    Layout // its Zone is that of Zone
	Algorithm string // of Algorithms; empty: cole-kripke
	Rescore   bool   // by Webster's rules
	NonWear   string // choi, troiano or none; empty: choi
	InBed     []InBed
}

// InBed is a time in bed that a diary tells.
type InBed struct{ From, To time.Time }

// Algorithms are the names of what scores minutes. Those ending in 1992 and
// 1994 are for counts as the papers had them, the others for ActiGraph's.
var Algorithms = []string{"cole-kripke", "cole-kripke-1992", "sadeh", "sadeh-1994"}

// Nights reads a file and scores it.
func Nights(r io.Reader, opt Options) (wearable.Result, error) {
	common := session.Options{Zone: opt.Zone, SHA256: opt.SHA256}
	zone, err := common.Location()
	if err != nil {
		return wearable.Result{}, err
	}
	opt.Layout.Zone = zone
	c, problems, err := Read(r, opt.Layout)
	if err != nil {
		return wearable.Result{Warnings: problems}, err
	}
	result, err := Score(c, opt)
	result.Warnings = append(problems, result.Warnings...)
	return result, err
}

// Score makes nights of counts. Without times in bed, each night is from falling
// asleep to waking, as the counts tell it: how long it took to fall asleep is
// not known then, and naps are not either.
func Score(c Counts, opt Options) (wearable.Result, error) {
	m, err := c.Minutes()
	if err != nil {
		return wearable.Result{}, fault.Wrap("actigraphy-epoch", "", err)
	}
	opt.Algorithm, opt.NonWear = cmp.Or(opt.Algorithm, "cole-kripke"), cmp.Or(opt.NonWear, "choi")
	stages, off, err := stagesOf(m, opt)
	if err != nil {
		return wearable.Result{}, err
	}
	report := session.Report{Vendor: "actigraphy"}
	add := func(from, to int, kind wearable.Kind) {
		start := c.Start.Add(time.Duration(from) * time.Minute)
		report.Sessions = append(report.Sessions, session.Session{
			Record: start.UTC().Format(time.RFC3339), Kind: kind, Epoch: time.Minute,
			Start: start, End: start.Add(time.Duration(to-from) * time.Minute),
			Spans: spans(start, stages[from:to]), Algorithm: opt.name(), Model: c.Model,
		})
	}
	if len(opt.InBed) > 0 {
		for _, b := range opt.InBed {
			from := int(max(0, min(b.From.Sub(c.Start).Round(time.Minute)/time.Minute, time.Duration(len(m)))))
			to := int(max(0, min(b.To.Sub(c.Start).Round(time.Minute)/time.Minute, time.Duration(len(m)))))
			if to-from > 0 && to-from <= int(sleep.MaxLength/time.Minute) {
				add(from, to, kindOf(b.To.Sub(b.From)))
			}
		}
	} else {
		for _, b := range Bouts(stages, TudorLocke) {
			kind := wearable.Short
			if b.Night {
				kind = wearable.Long
			}
			if b.To-b.From <= int(sleep.MaxLength/time.Minute) {
				add(b.From, b.To, kind)
			}
		}
	}
	report.Days = days(c, m, off)
	result := session.Nights(report, session.Options{Zone: opt.Zone, SHA256: opt.SHA256})
	return lights(result, opt.InBed)
}

func kindOf(length time.Duration) wearable.Kind {
	if length > 3*time.Hour {
		return wearable.Long
	}
	return wearable.Short
}

// name tells how nights were scored.
func (o Options) name() string {
	s := o.Algorithm
	if o.Rescore {
		s += " webster"
	}
	if o.NonWear != "none" {
		s += " " + o.NonWear
	}
	return s
}

// stagesOf scores minutes, and says which of them the device was not worn.
func stagesOf(m []Minute, opt Options) ([]sleep.Stage, []bool, error) {
	var stages []sleep.Stage
	switch opt.Algorithm {
	case "cole-kripke":
		stages = ColeKripke(m, ColeKripkeActiLife)
	case "cole-kripke-1992":
		stages = ColeKripke(m, ColeKripke1992)
	case "sadeh":
		stages = Sadeh(m, SadehActiLife)
	case "sadeh-1994":
		stages = Sadeh(m, Sadeh1994)
	default:
		return nil, nil, fault.New("actigraphy-algorithm", "", "%q is no algorithm", opt.Algorithm).WithHint("they are cole-kripke, cole-kripke-1992, sadeh and sadeh-1994")
	}
	var off []bool
	switch opt.NonWear {
	case "choi":
		off = Choi(m, Choi2011)
	case "troiano":
		off = Troiano(m, Troiano2008)
	case "none":
		off = make([]bool, len(m))
	default:
		return nil, nil, fault.New("actigraphy-nonwear", "", "%q is no rule", opt.NonWear).WithHint("they are choi, troiano and none")
	}
	for i, o := range off {
		if o {
			stages[i] = sleep.Unscored
		}
	}
	if opt.Rescore {
		stages = Webster(stages)
	}
	return stages, off, nil
}

// spans gives stages as stretches from a start.
func spans(start time.Time, stages []sleep.Stage) []session.Span {
	var out []session.Span
	for _, r := range runsOf(stages) {
		from := start.Add(time.Duration(r.at) * time.Minute)
		out = append(out, session.Span{From: from, To: from.Add(time.Duration(r.n) * time.Minute), Stage: r.stage})
	}
	return out
}

// The hours of a night by which it is told whether the device was worn.
const (
	wornFrom = civil.Clock(20 * 60)
	wornTo   = civil.Clock(10 * 60)
)

// days tells, of every night that the record covers from 20:00 to 10:00, whether
// the device was worn: not if more than half of those minutes are told not worn,
// and without data if more than half are missing or not worn.
func days(c Counts, m []Minute, off []bool) map[civil.Date]session.Day {
	end := c.Start.Add(time.Duration(len(m)) * time.Minute)
	out := map[civil.Date]session.Day{}
	for date := civil.NightOf(c.Start); date.Compare(civil.NightOf(end)) <= 0; date = date.Add(1) {
		from, to := date.Add(-1).At(wornFrom, c.Start.Location()), date.At(wornTo, c.Start.Location())
		if from.Before(c.Start) || to.After(end) {
			continue
		}
		first, last := int(from.Sub(c.Start)/time.Minute), int(to.Sub(c.Start)/time.Minute)
		away, missing := 0, 0
		for i := first; i < last; i++ {
			if off[i] {
				away++
			}
			if !m[i].Known {
				missing++
			}
		}
		d := session.Day{Zone: sleep.OffsetZone(to), Status: sleep.Worn}
		if 2*away > last-first {
			d.Status = sleep.NotWorn
		} else if 2*(away+missing) > last-first {
			d.Status = sleep.NoData
		}
		out[date] = d
	}
	return out
}

// lights sets lights off and on of nights that lie in a diary's times in bed.
func lights(r wearable.Result, beds []InBed) (wearable.Result, error) {
	for i, n := range r.Nights {
		from, ok := n.Main.Start()
		to, _ := n.Main.End()
		if !ok || len(beds) == 0 {
			continue
		}
		inside := slices.DeleteFunc(slices.Clone(beds), func(b InBed) bool { return !b.From.Before(to) || !b.To.After(from) })
		if len(inside) == 0 {
			continue
		}
		slices.SortFunc(inside, func(a, b InBed) int { return a.From.Compare(b.From) })
		n.LightsOff, n.LightsOn = &inside[0].From, &inside[len(inside)-1].To
		made, err := sleep.NewNight(n)
		if err != nil {
			return r, err
		}
		r.Nights[i] = made
	}
	return r, nil
}
