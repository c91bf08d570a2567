package sleep

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// Status says what became of the device in a night.
type Status string

// The states of a device. The empty Status is "not told".
const (
	Worn     Status = "worn"
	NotWorn  Status = "not-worn"
	NoData   Status = "no-data"  // nothing arrived, and nobody knows why
	Declined Status = "declined" // the person did not want to
	Battery  Status = "battery"  // it was empty
)

// Night is one night of one person from one source: named by the date of
// waking up, with at most one main sleep, naps apart, and what the source
// measured besides. NewNight checks and completes one; JSON goes through it
// both ways.
type Night struct {
	Date   civil.Date  `json:"date"`             // of waking up
	Zone   string      `json:"zone"`             // IANA name, or an offset as in +02:00 where the source told no more
	Status Status      `json:"status,omitempty"` // of the device
	Main   Hypnogram   `json:"main"`             // empty if there was none
	Naps   []Hypnogram `json:"naps,omitempty"`   // in order of time

	LightsOff *time.Time `json:"lights_off,omitempty"` // if known
	LightsOn  *time.Time `json:"lights_on,omitempty"`

	Source   Provenance `json:"source"`
	Stated   *Totals    `json:"stated,omitempty"`   // what the source itself says of the main sleep
	Measured *Measures  `json:"measured,omitempty"` // what it measured beside stages
}

// Provenance says where a night came from, so that it can be found again and
// made again.
type Provenance struct {
	Vendor    string   `json:"vendor"`              // oura, boas, edf, …
	Model     string   `json:"model,omitempty"`     // of the device
	Algorithm string   `json:"algorithm,omitempty"` // that staged the night, with its version, as the source names it
	Scorer    string   `json:"scorer,omitempty"`    // who or what scored, where a file has several
	Records   []string `json:"records,omitempty"`   // the source's own names of the records used, in order
	SHA256    string   `json:"sha256,omitempty"`    // of the source file, 64 hex digits
}

// Totals is what a source states of a night in its own figures. They are kept
// beside what is computed from the hypnogram and never mixed with it.
type Totals struct {
	TIBMin   *float64 `json:"tib_min,omitempty"`
	TSTMin   *float64 `json:"tst_min,omitempty"`
	WakeMin  *float64 `json:"wake_min,omitempty"`
	LightMin *float64 `json:"light_min,omitempty"`
	N3Min    *float64 `json:"n3_min,omitempty"`
	REMMin   *float64 `json:"rem_min,omitempty"`
	SOLMin   *float64 `json:"sol_min,omitempty"`
	SEPct    *float64 `json:"se_pct,omitempty"`
}

// Measures is what a device measured in a night or of the day it ends on,
// beside stages. Scores are the vendor's own and mean what the vendor says.
type Measures struct {
	HeartRateMeanBPM      *float64 `json:"heart_rate_mean_bpm,omitempty"`
	HeartRateLowestBPM    *float64 `json:"heart_rate_lowest_bpm,omitempty"`
	RMSSDMeanMS           *float64 `json:"rmssd_mean_ms,omitempty"` // heart rate variability
	SDNNMeanMS            *float64 `json:"sdnn_mean_ms,omitempty"`  // heart rate variability by another formula; not to be mixed with RMSSD
	BreathsPerMin         *float64 `json:"breaths_per_min,omitempty"`
	TemperatureC          *float64 `json:"temperature_c,omitempty"`           // skin
	TemperatureDeviationC *float64 `json:"temperature_deviation_c,omitempty"` // from the person's own usual
	OxygenSaturationPct   *float64 `json:"oxygen_saturation_pct,omitempty"`
	SleepScore            *float64 `json:"sleep_score,omitempty"`
	ReadinessScore        *float64 `json:"readiness_score,omitempty"`
	ActivityScore         *float64 `json:"activity_score,omitempty"`
	Steps                 *float64 `json:"steps,omitempty"`
	ActiveKcal            *float64 `json:"active_kcal,omitempty"`
}

// IsZero says whether nothing was measured.
func (m Measures) IsZero() bool { return m == Measures{} }

// Location gives the zone of a Night's Zone field: an IANA name by the rules
// inside the program, or an offset such as +02:00.
func Location(zone string) (*time.Location, error) {
	if len(zone) == 6 && (zone[0] == '+' || zone[0] == '-') {
		t, err := time.Parse("-07:00", zone)
		if err != nil || zone[1:] > "18:00" {
			return nil, fault.New("zone-unknown", "zone", "%q is not an offset", zone).WithHint("write it as in +02:00")
		}
		_, offset := t.Zone()
		if offset == 0 {
			return time.UTC, nil
		}
		return time.FixedZone(zone, offset), nil
	}
	return civil.Zone(zone)
}

// OffsetZone gives the Zone field for an instant of which no more than the
// offset from UTC is known.
func OffsetZone(t time.Time) string { return t.Format("-07:00") }

// DateOf gives the night a hypnogram belongs to: that of its middle, by its own
// zone's clock. The middle, because a long sleep may begin or end outside the
// window that holds most of it.
func DateOf(h Hypnogram) (civil.Date, bool) {
	mid, ok := h.Mid()
	if !ok {
		return civil.Date{}, false
	}
	return civil.NightOf(mid), true
}

// NewNight checks a night and gives it completed: all times told in its zone,
// naps in order of time. Every problem is reported at once. Its slices are
// copied.
func NewNight(n Night) (Night, error) {
	var l fault.List
	if n.Date.IsZero() || n.Date.String() != n.Date.Add(0).String() {
		l.Addf("night-date", "date", "a night needs the date of waking up")
	}
	zone, err := Location(n.Zone)
	if err != nil {
		l.Addf("zone-unknown", "zone", "%q is not a time zone", n.Zone).WithHint("use an IANA name, as in Europe/Stockholm, or an offset, as in +02:00")
		return Night{}, l.Err()
	}
	switch n.Status {
	case "", Worn, NotWorn, NoData, Declined, Battery:
	default:
		l.Addf("night-status", "status", "%q is not a status", n.Status).WithHint("the statuses are worn, not-worn, no-data, declined and battery")
	}
	if n.Source.Vendor == "" {
		l.Addf("night-source", "source.vendor", "a night needs its vendor or kind of source")
	}
	if raw, err := hex.DecodeString(n.Source.SHA256); n.Source.SHA256 != "" && (err != nil || len(raw) != 32 || n.Source.SHA256 != strings.ToLower(n.Source.SHA256)) {
		l.Addf("night-hash", "source.sha256", "%q is not a SHA-256 of 64 small hex digits", n.Source.SHA256)
	}
	n.Source.Records = slices.Clone(n.Source.Records)
	n.Main = n.Main.In(zone)
	checkPlace(&l, n, n.Main, "main")
	n.Naps = orderNaps(&l, n, zone)
	n.checkLights(&l, zone)
	n.checkNumbers(&l)
	if err := l.Err(); err != nil {
		return Night{}, err
	}
	return n, nil
}

// checkPlace reports a sleep that is not of this night.
func checkPlace(l *fault.List, n Night, h Hypnogram, place string) {
	if h.IsEmpty() {
		return
	}
	date, ok := DateOf(h)
	if !ok {
		l.Addf("night-start", place, "the start is unknown, so its night is too")
		return
	}
	if date != n.Date {
		l.Addf("night-date", place, "this sleep is of the night to %v, not to %v", date, n.Date).WithHint("a night runs from 15:00 to 15:00 local time and is named by its end")
	}
}

func orderNaps(l *fault.List, n Night, zone *time.Location) []Hypnogram {
	if len(n.Naps) == 0 {
		return nil
	}
	naps := make([]Hypnogram, len(n.Naps))
	for i, nap := range n.Naps {
		naps[i] = nap.In(zone)
		place := fmt.Sprintf("naps[%d]", i)
		if nap.IsEmpty() {
			l.Addf("hypnogram-empty", place, "a nap without epochs")
		}
		checkPlace(l, n, naps[i], place)
	}
	slices.SortStableFunc(naps, func(a, b Hypnogram) int { return a.start.Compare(b.start) })
	return naps
}

// checkLights reports lights-off and lights-on that no main sleep can have.
func (n *Night) checkLights(l *fault.List, zone *time.Location) {
	for _, t := range []struct {
		at    **time.Time
		place string
	}{{&n.LightsOff, "lights_off"}, {&n.LightsOn, "lights_on"}} {
		if *t.at == nil {
			continue
		}
		if y := (*t.at).Year(); y < 1900 || y > 2999 {
			l.Addf("lights-time", t.place, "a time in the year %d", y)
		}
		in := (*t.at).Round(0).In(zone)
		*t.at = &in
	}
	if n.LightsOff != nil && n.LightsOn != nil && !n.LightsOff.Before(*n.LightsOn) {
		l.Addf("lights-order", "lights_on", "the lights went on before they went off")
	}
	if n.Main.IsEmpty() {
		return
	}
	end, _ := n.Main.End()
	if n.LightsOff != nil && !n.LightsOff.Before(end) || n.LightsOn != nil && !n.LightsOn.After(n.Main.start) {
		l.Addf("lights-order", "lights_off", "the whole record lies outside lights off to lights on")
	}
}

// checkNumbers reports figures that are not finite: JSON could not hold them.
func (n *Night) checkNumbers(l *fault.List) {
	check := func(place string, v *float64) {
		if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
			l.Addf("night-number", place, "not a number")
		}
	}
	if s := n.Stated; s != nil {
		for i, v := range []*float64{s.TIBMin, s.TSTMin, s.WakeMin, s.LightMin, s.N3Min, s.REMMin, s.SOLMin, s.SEPct} {
			check(fmt.Sprintf("stated[%d]", i), v)
		}
	}
	if m := n.Measured; m != nil {
		for i, v := range []*float64{m.HeartRateMeanBPM, m.HeartRateLowestBPM, m.RMSSDMeanMS, m.SDNNMeanMS, m.BreathsPerMin, m.TemperatureC, m.TemperatureDeviationC, m.OxygenSaturationPct, m.SleepScore, m.ReadinessScore, m.ActivityScore, m.Steps, m.ActiveKcal} {
			check(fmt.Sprintf("measured[%d]", i), v)
		}
		if m.IsZero() {
			n.Measured = nil
		}
	}
	if n.Stated != nil && *n.Stated == (Totals{}) {
		n.Stated = nil
	}
}

type nightJSON Night // without the methods, so that encoding/json takes the fields

// MarshalJSON writes the canonical form: keys in a fixed order, absent values
// left out, times in the night's zone. A night that NewNight would refuse is
// refused here too.
func (n Night) MarshalJSON() ([]byte, error) {
	made, err := NewNight(n)
	if err != nil {
		return nil, err
	}
	for _, t := range []**time.Time{&made.LightsOff, &made.LightsOn} {
		if *t != nil {
			in := wireTime(**t)
			*t = &in
		}
	}
	return json.Marshal(nightJSON(made))
}

// UnmarshalJSON reads what MarshalJSON writes, and refuses unknown keys: a
// misspelt one would otherwise be a value silently lost.
func (n *Night) UnmarshalJSON(b []byte) error {
	var w nightJSON
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		if fault.CodeOf(err) != "" {
			return err
		}
		return fault.Wrap("night-json", "", err)
	}
	made, err := NewNight(Night(w))
	if err != nil {
		return err
	}
	*n = made
	return nil
}
