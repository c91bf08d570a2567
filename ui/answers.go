package ui

import (
	"slices"
	"strconv"
	"time"

	"dvala/instrument"
	"dvala/schedule"
	"dvala/study"
)

// answerFields are those of a questionnaire at a visit, or of the diary of a
// night, as the link to the form names them.
func answerFields(f *formFor) []field {
	id, visit, night := f.given("instrument"), f.given("visit"), f.given("night")
	d, ok := f.s.Instrument(instrument.ID(id), "")
	if !ok {
		return nil
	}
	lang := string(f.proto.Languages[0])
	if f.p.Enrolled != nil {
		lang = string(f.p.Enrolled.Language)
	}
	out := []field{{Name: "instrument", Label: f.t("Form"), Kind: textField, Fixed: true, Value: id}}
	if visit != "" {
		out = append(out, field{Name: "visit", Label: f.t("Visit"), Kind: textField, Fixed: true, Value: visit})
	} else {
		out = append(out, field{Name: "night", Label: f.t("Night to"), Kind: textField, Fixed: true, Value: night})
	}
	language := field{Name: "language", Label: f.t("Language of the answers"), Kind: choiceField, Need: true, Value: lang}
	for _, l := range f.proto.Languages {
		language.Options = append(language.Options, option{string(l), f.t("language:" + string(l))})
	}
	out = append(out, language)
	for i := range d.Items {
		out = append(out, itemField(f, &d.Items[i]))
	}
	return out
}

// given is what the link or the form that came back says.
func (f *formFor) given(name string) string {
	if v := f.form.Get(name); v != "" {
		return v
	}
	return f.query.Get(name)
}

// itemField asks one item of an instrument.
func itemField(f *formFor, it *instrument.Item) field {
	x := field{Name: "answers." + string(it.ID), Label: it.Topic.In(f.lang), Unit: it.Unit, CanSkip: true}
	switch it.Kind {
	case instrument.Clock:
		x.Kind, x.Hint = clockField, f.t("as in 23:30")
	case instrument.YesNo:
		x.Kind = yesNoField
	case instrument.FreeText:
		x.Kind = areaField
	case instrument.Choice:
		x.Kind = choiceField
		for _, c := range it.Choices {
			x.Options = append(x.Options, option{c.Code, c.Text.In(f.lang)})
		}
	case instrument.Rating, instrument.Adjective:
		x.Kind = numberField
		x.Min, x.Max = strconv.Itoa(it.Min), strconv.Itoa(it.Max)
		x.Hint = anchors(it, f.lang)
	default:
		x.Kind = numberField
		x.Min, x.Max = strconv.Itoa(it.Min), strconv.Itoa(it.Max)
	}
	return x
}

// anchors tells what the values of a rating mean: 0 none … 4 very severe.
func anchors(it *instrument.Item, lang string) string {
	text := ""
	for i, a := range it.Anchors {
		if i > 0 {
			text += ", "
		}
		text += strconv.Itoa(a.At) + " " + a.Text.In(lang)
	}
	return text
}

// openForm is a form that can be filled in for somebody now.
type openForm struct {
	Label, Link string
	Late        bool
}

// openForms gives the diaries that can be filled in now, the latest first.
func openForms(s *study.State, p *study.Participant, now time.Time) []openForm {
	if p.Enrolled == nil || !asksDiary(s, p) {
		return nil
	}
	out := []openForm{}
	for _, t := range slices.Backward(s.Tasks(p, now)) {
		d := s.Diary(p, t.On)
		if t.Kind == schedule.Diary && d != nil && (t.State == schedule.Open || t.State == schedule.Late) {
			out = append(out, openForm{
				Label: t.On.String(), Late: t.State == schedule.Late,
				Link: "do/answer?instrument=" + d.Instrument + "&night=" + t.On.String(),
			})
		}
	}
	return out
}

// asksDiary says whether any version by which somebody is in the trial asks a
// diary.
func asksDiary(s *study.State, p *study.Participant) bool {
	return slices.ContainsFunc(s.Course(p), func(v schedule.Version) bool { return v.Protocol.Protocol().Diary != nil })
}
