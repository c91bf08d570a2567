package ui

import (
	"encoding/json"
	"strconv"
	"strings"

	"dvala/instrument"
	"dvala/study"
)

// correctFields ask for another value of one field of an entry, which the link
// to the form names.
func correctFields(f *formFor) []field {
	entry, name := f.given("entry"), f.given("field")
	n, err := strconv.ParseUint(entry, 10, 64)
	if err != nil {
		return nil
	}
	fact, ok := f.s.FactOf(n)
	if !ok || fact.Subject != f.p.Subject {
		return nil
	}
	values, err := study.Correctable(fact.Event)
	if err != nil {
		return nil
	}
	out := []field{
		{Name: "entry", Label: f.t("Entry"), Kind: numberField, Fixed: true, Value: entry},
		{Name: "field", Label: f.t("Field"), Kind: textField, Fixed: true, Value: name},
	}
	x := field{Name: "new", Label: f.t("It should say"), Kind: textField, Hint: f.t("empty: as if nothing had been said")}
	for _, v := range values {
		if v.Field != name {
			continue
		}
		out = append(out, field{Name: "was", Label: f.t("It says"), Kind: textField, Fixed: true, Told: true, Value: plain(v.Value)})
		switch {
		case v.Value == "true" || v.Value == "false":
			x.Kind = yesNoField
		case v.Value != "null" && !strings.HasPrefix(v.Value, `"`) && !strings.HasPrefix(v.Value, "{"):
			x.Kind = numberField
		}
	}
	f.asItem(&x, fact.Event, name)
	return append(out, x)
}

// asItem asks the new value as the item or the field was asked itself.
func (f *formFor) asItem(x *field, ev study.Event, name string) {
	item, inner := strings.CutPrefix(name, "answers.")
	var as []field
	switch e := ev.(type) {
	case study.Answered:
		if d, ok := f.s.Instrument(instrument.ID(e.Instrument), e.Version); ok {
			show := f.spoken(d, string(e.Language))
			for _, it := range show.Items {
				if string(it.ID) == item {
					as = []field{itemField(f, it, show)}
				}
			}
		}
	case study.Screened:
		as = screeningFields(f)
	case study.AdverseEvent:
		as = adverseFields(f)
	case study.EventOccurred:
		as = eventFields(f)
	case study.Deviation:
		as = deviationFields(f)
	case study.Withdrew:
		as = withdrawFields(f)
	}
	for _, a := range as {
		if a.Name == name || inner && a.Name == "answers."+item {
			x.Kind, x.Options, x.Unit, x.Min, x.Max, x.CanSkip, x.Lang = a.Kind, a.Options, a.Unit, a.Min, a.Max, a.CanSkip, a.Lang
		}
	}
}

// plain tells a JSON value for the eye: a text without its quotes, a dash for
// nothing.
func plain(raw string) string {
	if raw == "null" {
		return "–"
	}
	var s string
	if json.Unmarshal([]byte(raw), &s) == nil {
		return s
	}
	return raw
}
