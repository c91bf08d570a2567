package protocol

import (
	"reflect"
	"slices"
	"strings"

	"dvala/instrument"
	"dvala/instrument/diary"
	"dvala/sleep"
)

// DeviceMeasures gives the names that a device outcome may measure, in
// alphabetical order: the single numbers of a night's architecture, and what a
// device measures beside stages, by their JSON names.
func DeviceMeasures() []string {
	return numbersOf(reflect.TypeFor[sleep.Architecture](), reflect.TypeFor[sleep.Measures]())
}

// DiaryMeasures gives the names of what is derived from a night's diary entry,
// beside its items, in alphabetical order: the numbers of a diary.Night by
// their JSON names.
func DiaryMeasures() []string {
	return numbersOf(reflect.TypeFor[diary.Night](), reflect.TypeFor[diary.Measures]())
}

// numbersOf gives the JSON names of the fields that hold one number.
func numbersOf(types ...reflect.Type) []string {
	var out []string
	for _, t := range types {
		for i := range t.NumField() {
			f := t.Field(i)
			kind := f.Type.Kind()
			if kind == reflect.Pointer {
				kind = f.Type.Elem().Kind()
			}
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if (kind == reflect.Float64 || kind == reflect.Int) && name != "" && name != "-" && name != "epoch_s" {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (k *checker) diarySource(o Outcome, place string) {
	if k.p.Diary == nil {
		k.add("outcome-unmeasured", place+".diary", "there is no diary")
		return
	}
	d, ok := k.instruments(instrument.ID(k.p.Diary.Instrument))
	if !ok || slices.Contains(DiaryMeasures(), o.Source.Diary) {
		return
	}
	item, ok := d.Item(instrument.ItemID(o.Source.Diary))
	if !ok {
		known := DiaryMeasures()
		for _, it := range d.Items {
			known = append(known, string(it.ID))
		}
		p := k.add("diary-unknown", place+".diary", "the diary %s has neither an item nor a measure %q", k.p.Diary.Instrument, clip(o.Source.Diary))
		if near := nearest(o.Source.Diary, known); near != "" {
			p.WithHint("did you mean %s?", near)
		} else {
			p.WithHint("there are %s", strings.Join(known, ", "))
		}
		return
	}
	if item.Kind == instrument.Clock || item.Kind == instrument.FreeText || item.Kind == instrument.Choice {
		k.add("diary-number", place+".diary", "the item %s has no number to average", o.Source.Diary).
			WithHint("take an item with a rating, a count or minutes, or one of %s", strings.Join(DiaryMeasures(), ", "))
	}
	k.direction(o, string(item.Better), place)
}

func (k *checker) deviceSource(s Source, place string) {
	if !slices.ContainsFunc(k.p.Devices, func(d Device) bool { return d.Vendor == s.Device }) && !k.misshapen("devices") {
		k.add("outcome-unmeasured", place+".device", "nobody wears a device of %q", clip(s.Device)).WithHint("list it under devices")
	}
	if known := DeviceMeasures(); !slices.Contains(known, s.Measure) {
		p := k.add("measure-unknown", place+".measure", "a night has no measure %q", clip(s.Measure))
		if near := nearest(s.Measure, known); near != "" {
			p.WithHint("did you mean %s?", near)
		} else {
			p.WithHint("there are %s", strings.Join(known, ", "))
		}
	}
}

// nightly checks the nights that an estimand compares and takes as baseline.
func (k *checker) nightly(e Estimand, o Outcome, place string) {
	v := e.Variable
	if v.Visit != "" || v.BaselineVisit != "" || len(v.Visits) > 0 {
		k.add("variable-time", place, "%s is measured by night, not at visits", o.ID).WithHint("as in nights: {from: 15, to: 21}")
		return
	}
	if v.Nights == nil {
		k.add("variable-time", place+".nights", "an outcome by night names the nights that the claim is about").WithHint("as in nights: {from: 15, to: 21}")
		return
	}
	d := k.p.Design
	periods := 1
	if d.Kind != Parallel {
		periods = max(d.Periods, 1)
	}
	k.span(*v.Nights, place+".nights")
	if v.Nights.From < 1 {
		k.add("variable-early", place+".nights.from", "the night to day %d is before any treatment; the first is the one to day 1", v.Nights.From)
	}
	if v.Nights.To > d.TreatmentDays && !k.misshapen("design") {
		k.add("variable-late", place+".nights.to", "the night to day %d is after the %s of treatment", v.Nights.To, days(d.TreatmentDays))
	}
	for p := range periods {
		start := Checked{k.checked}.PeriodStart(p + 1)
		k.worn(o, Span{start + v.Nights.From, start + v.Nights.To}, place+".nights")
	}
	k.baselineNights(v, o, place, periods)
}

func (k *checker) baselineNights(v Variable, o Outcome, place string, periods int) {
	if v.BaselineNights == nil {
		if v.Change {
			k.add("change-no-baseline", place+".change", "a change wants baseline_nights to count from")
		} else if periods == 1 {
			k.warn("no-baseline-nights", place, "%s is compared without each person's own nights before treatment, which costs much precision", o.ID).
				WithHint("as in baseline_nights: {from: -6, to: 0}")
		}
		return
	}
	k.span(*v.BaselineNights, place+".baseline_nights")
	if v.BaselineNights.To > 0 {
		k.add("baseline-late", place+".baseline_nights.to", "the night to day %d is after treatment has begun; the last before it is the one to day 0", v.BaselineNights.To)
	}
	for p := range periods {
		start := Checked{k.checked}.PeriodStart(p + 1)
		k.worn(o, Span{start + v.BaselineNights.From, start + v.BaselineNights.To}, place+".baseline_nights")
	}
}

func (k *checker) span(s Span, place string) {
	if s.To < s.From {
		k.add("span-backward", place, "day %d is before day %d", s.To, s.From)
	}
}

// worn sees that the diary is kept, or the device worn, on all nights of a span.
func (k *checker) worn(o Outcome, s Span, place string) {
	from, to, what := 0, 0, "the diary"
	switch {
	case o.Source.Diary != "" && k.p.Diary != nil:
		from, to = k.p.Diary.FromDay, k.p.Diary.ToDay
	case o.Source.Device != "":
		i := slices.IndexFunc(k.p.Devices, func(d Device) bool { return d.Vendor == o.Source.Device })
		if i < 0 {
			return
		}
		from, to, what = k.p.Devices[i].FromDay, k.p.Devices[i].ToDay, o.Source.Device
	default:
		return
	}
	if (s.From < from || s.To > to) && !k.misshapen("diary") && !k.misshapen("devices") {
		k.add("outcome-unmeasured", place, "nights to day %d … %d are wanted, and %s gives those to day %d … %d", s.From, s.To, what, from, to)
	}
}
