package protocol

import (
	"fmt"
	"slices"
	"strings"

	"dvala/fault"
	"dvala/instrument"
)

func (k *checker) visitIDs() []string {
	ids := make([]string, len(k.p.Visits))
	for i, v := range k.p.Visits {
		ids[i] = v.ID
	}
	return ids
}

func (k *checker) visits() {
	k.unique("visits", "id", k.visitIDs())
	dispensed := false
	for i, v := range k.p.Visits {
		place := at("visits", i)
		if v.Day < -k.p.Design.RunInDays {
			k.add("before-enrolment", place+".day", "day %d is before enrolment, which the run-in puts on day %d", v.Day, -k.p.Design.RunInDays)
		}
		k.period(v, place)
		for j, id := range v.Instruments {
			if slices.Contains(v.Instruments[:j], id) {
				k.add("duplicate-id", at(place+".instruments", j), "%q is asked here already", id)
			}
			if d, ok := k.instrument(id, at(place+".instruments", j)); ok {
				k.wording(d, at(place+".instruments", j))
			}
		}
		if v.Dispense && v.Day < 0 {
			k.add("dispense-early", place+".dispense", "nothing can be handed out on day %d, before randomisation", v.Day)
		}
		if v.Return && !dispensed && !k.misshapen("visits") {
			k.warn("return-nothing", place+".return", "nothing was handed out before this visit, so nothing can come back")
		}
		dispensed = dispensed || v.Dispense
		for j, w := range k.p.Visits[:i] {
			if v.Day-v.Before <= w.Day+w.After && w.Day-w.Before <= v.Day+v.After {
				k.warn("windows-overlap", place, "its window shares a day with that of %s, so the two may be held in the wrong order", at("visits", j))
			}
		}
	}
	if k.p.Dose != nil && !dispensed && !k.misshapen("visits") {
		k.warn("nothing-dispensed", "visits", "there is a dose, and no visit hands anything out")
	}
}

// period checks that a visit of a crossover says the period it falls in.
func (k *checker) period(v Visit, place string) {
	d := k.p.Design
	if d.Kind == Parallel || d.Kind == "" {
		if v.Period > 1 {
			k.add("visit-period", place+".period", "a parallel trial has no second period")
		}
		return
	}
	if v.Period == 0 {
		if v.Day > 0 {
			k.add("visit-period", place+".period", "a visit after randomisation says which period it belongs to")
		}
		return
	}
	c := Checked{k.checked}
	from, to := c.PeriodStart(v.Period), c.PeriodStart(v.Period)+d.TreatmentDays+d.WashoutDays
	if v.Period > d.Periods || v.Day < from || v.Day > to {
		k.add("visit-period", place+".period", "day %d is not in period %d, which runs from day %d to day %d and its washout to day %d",
			v.Day, v.Period, from, from+d.TreatmentDays, to)
	}
}

// instrument finds an instrument, or says that there is none of that name.
func (k *checker) instrument(id, place string) (*instrument.Definition, bool) {
	d, ok := k.instruments(instrument.ID(id))
	if !ok && id != "" {
		p := k.add("instrument-unknown", place, "there is no instrument %q", clip(id))
		var known []string
		for _, d := range instrument.All() {
			known = append(known, string(d.ID))
		}
		if near := nearest(id, known); near != "" {
			p.WithHint("did you mean %s?", near)
		} else {
			p.WithHint("there are %s", strings.Join(known, ", "))
		}
	}
	return d, ok
}

// wording warns, once for each, of an instrument that nobody can answer until
// the operator has loaded its licensed words.
func (k *checker) wording(d *instrument.Definition, place string) {
	said := slices.ContainsFunc(k.problems, func(p *fault.Problem) bool {
		return p.Code == "wording-needed" && strings.HasPrefix(p.Message, string(d.ID)+" ")
	})
	if d.Words == instrument.LicensedWords && !said {
		k.warn("wording-needed", place, "%s cannot be answered until its licensed words are loaded", d.ID).
			WithHint("the rights are with %s", d.Licence.Holder)
	}
}

// recall warns of an instrument that is asked again inside the time it asks
// about: the answers overlap, and an early one still speaks of the time before
// treatment.
func (k *checker) recall() {
	type asking struct {
		visit Visit
		place string
	}
	asked := map[string][]asking{}
	for i, v := range k.p.Visits {
		for j, id := range v.Instruments {
			asked[id] = append(asked[id], asking{v, at(at("visits", i, "instruments"), j)})
		}
	}
	for _, id := range sortedKeys(asked) {
		d, ok := k.instruments(instrument.ID(id))
		if !ok || d.Recall.Days == nil {
			continue
		}
		last := *d.Recall.Days
		times := asked[id]
		slices.SortStableFunc(times, func(a, b asking) int { return a.visit.Day - b.visit.Day })
		var pairs []string
		place := ""
		for i := 1; i < len(times); i++ {
			if gap := times[i].visit.Day - times[i-1].visit.Day; gap > 0 && gap < last {
				pairs = append(pairs, fmt.Sprintf("%s to %s is %s", times[i-1].visit.ID, times[i].visit.ID, days(gap)))
				if place == "" {
					place = times[i].place
				}
			}
		}
		if len(pairs) > 0 {
			k.warn("recall-overlap", place, "%s asks about the last %s and is asked again inside them: %s", id, days(last), strings.Join(pairs, ", ")).
				WithHint("ask it further apart, or rest no claim on the visits between")
		}
	}
}

// daily checks the diary, the devices and the dose.
func (k *checker) daily() {
	if d := k.p.Diary; d != nil {
		k.instrument(d.Instrument, "diary.instrument")
		k.nights("diary", d.FromDay, d.ToDay)
		if d.FromDay > 0 {
			k.warn("diary-no-baseline", "diary.from_day", "the diary begins after randomisation, so no night of it tells how people slept before").
				WithHint("begin it in a run-in: seven nights cover a working week and a weekend")
		}
	}
	vendors := map[string]bool{}
	for i, d := range k.p.Devices {
		place := at("devices", i)
		if !slices.Contains(deviceVendors, d.Vendor) {
			if d.Vendor != "" {
				k.add("device-unknown", place+".vendor", "no reader takes the nights of %q", clip(d.Vendor)).
					WithHint("there are %s", strings.Join(deviceVendors, ", "))
			}
		} else if vendors[d.Vendor] {
			k.add("duplicate-id", place+".vendor", "%q stands here twice", d.Vendor)
		}
		vendors[d.Vendor] = true
		k.nights(place, d.FromDay, d.ToDay)
		if before := 1 - d.FromDay; before < baselineNights {
			k.warn("device-no-baseline", place+".from_day", "the %s gives %s before treatment, and a person's own usual night wants %d at least", d.Vendor, nights(max(before, 0)), baselineNights).
				WithHint("have it worn for a run-in of a week")
		}
	}
}

// baselineNights is how many nights a person's own baseline should rest on.
const baselineNights = 5

// deviceVendors are those whose nights a trial can take in: a ring of Oura's that
// is connected, and files of all whose export a reader knows (package
// wearable/recognise).
var deviceVendors = []string{"actigraphy", "apple", "fitbit", "garmin", "healthconnect", "oura", "polar", "sleepasandroid", "welltory", "whoop", "withings"}

// DeviceVendors gives the vendors that a protocol may name, in order.
func DeviceVendors() []string { return slices.Clone(deviceVendors) }

// nights checks a span of nights by the day of waking up. The first night after
// enrolment ends on the day after it.
func (k *checker) nights(place string, from, to int) {
	if to < from {
		k.add("span-backward", place+".to_day", "day %d is before day %d", to, from)
	}
	if first := 1 - k.p.Design.RunInDays; from < first {
		k.add("before-enrolment", place+".from_day", "the first night after enrolment is the one to day %d", first)
	}
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

func nights(n int) string {
	if n == 1 {
		return "1 night"
	}
	return fmt.Sprintf("%d nights", n)
}
