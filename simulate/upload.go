package simulate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"dvala/sleep"
	"dvala/study"
	"dvala/wearable/oura"
)

// RingVendor is the vendor of the made-up ring.
const RingVendor = "oura"

// upload sends what lies in the ring: one file in the vendor's own format,
// stored, read by the same reader as a real one, and recorded night by night.
func (l *life) upload() error {
	if len(l.ring) == 0 || l.gone {
		return nil
	}
	var docs oura.Documents
	zone := l.p.Zone
	for _, n := range l.ring {
		if err := l.document(&docs, n); err != nil {
			return err
		}
		if n.start.Location().String() != l.p.Zone {
			zone = "" // by the clock of where she slept
		}
	}
	l.ring = nil
	raw, err := json.MarshalIndent(docs, "", " ")
	if err != nil {
		return err
	}
	// The file's name says neither who nor when; its hash says which.
	file, err := l.trial.Put(l.ctx, "oura.json", raw)
	if err != nil {
		return err
	}
	back, problems, err := oura.Read(bytes.NewReader(raw))
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return err
	}
	read := oura.Nights(back, oura.Options{Zone: zone, SHA256: file.SHA256})
	if err := read.Warnings.Err(); err != nil {
		return err
	}
	m := l.meta(study.RoleSystem)
	m.Actor = "upload"
	for _, night := range read.Nights {
		if !l.inSpan(night.Date, l.p.Devices[0].FromDay, l.p.Devices[0].ToDay) {
			continue
		}
		record, err := json.Marshal(night)
		if err != nil {
			return err
		}
		l.give(study.RecordNight{NightRecorded: study.NightRecorded{Vendor: RingVendor, Night: night.Date, Record: record, Source: file}}, m)
	}
	return nil
}

// document writes a night as the ring's cloud would.
func (l *life) document(docs *oura.Documents, n ringNight) error {
	stages := n.stages
	type part struct {
		start  time.Time
		stages []sleep.Stage
		kind   string
	}
	parts := []part{{n.start, stages, "long_sleep"}}
	if n.split && len(stages) > 400 {
		// The ring wrote two periods with a gap of five minutes between.
		cut := len(stages) / 2
		parts = []part{{n.start, stages[:cut], "long_sleep"}, {n.start.Add(time.Duration(cut+10) * Epoch), stages[cut+10:], "long_sleep"}}
	}
	if n.nap != nil {
		parts = append(parts, part{n.nap.start, n.nap.stages, "late_nap"})
	}
	for i, x := range parts {
		d, err := l.period(n, x.start, x.stages, x.kind, i)
		if err != nil {
			return err
		}
		docs.Sleep = append(docs.Sleep, d)
	}
	stamp := n.night.At(4*60, n.start.Location()).Format(time.RFC3339)
	id := func(kind string) string { return fmt.Sprintf("%s-%d-%s", kind, l.person.Number, n.night) }
	asleep := 0
	for _, s := range stages {
		if s != sleep.W {
			asleep++
		}
	}
	score := math.Round(clamp(45+float64(asleep)/epochsPerMin/12, 20, 99))
	ready := math.Round(clamp(score+6-(n.pulse-l.person.Pulse)*2, 20, 99))
	docs.DailySleep = append(docs.DailySleep, oura.DailySleep{ID: id("ds"), Day: n.night, Score: &score, Timestamp: stamp})
	docs.DailyReadiness = append(docs.DailyReadiness, oura.DailyReadiness{ID: id("dr"), Day: n.night, Score: &ready, TemperatureDeviation: round(n.skin, 2), Timestamp: stamp})
	docs.DailyActivity = append(docs.DailyActivity, oura.DailyActivity{
		ID: id("da"), Day: n.night, Score: round(clamp(50+float64(n.steps)/300, 10, 99), 0),
		Steps: round(float64(n.steps), 0), ActiveCalories: round(float64(n.steps)*0.04, 0), Timestamp: stamp,
	})
	return nil
}

// period writes a stretch of sleep as one of the vendor's documents.
func (l *life) period(n ringNight, start time.Time, stages []sleep.Stage, kind string, number int) (oura.Sleep, error) {
	h, err := sleep.NewHypnogram(start, Epoch, stages)
	if err != nil {
		return oura.Sleep{}, err
	}
	d, err := oura.FromHypnogram(fmt.Sprintf("s-%d-%s-%d", l.person.Number, n.night, number), h)
	if err != nil {
		return oura.Sleep{}, err
	}
	algorithm := "v2"
	d.Type, d.Period, d.Algorithm = &kind, number, &algorithm
	d.BreathMean, d.HeartRateMean, d.HeartRateLowest, d.HRVMean = round(n.breath, 2), round(n.pulse, 2), round(n.pulse-6, 0), round(n.rmssd, 0)
	return d, nil
}

func round(x float64, digits int) *float64 {
	p := math.Pow10(digits)
	x = math.Round(x*p) / p
	return &x
}
