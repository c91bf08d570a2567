package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/instrument"
	"dvala/schedule"
	"dvala/study"
)

// answerFields are those of a questionnaire at a visit, or of the diary of a
// night, as the link to the form names them, in the words that this server has
// for them in the language of the answers.
func answerFields(f *formFor) []field {
	id, visit, night := f.given("instrument"), f.given("visit"), f.given("night")
	d, ok := f.s.Instrument(instrument.ID(id), "")
	if !ok {
		return nil
	}
	lang := f.answerLanguage()
	out := []field{{Name: "instrument", Label: f.t("Form"), Kind: textField, Fixed: true, Value: id}}
	if visit != "" {
		out = append(out, field{Name: "visit", Label: f.t("Visit"), Kind: textField, Fixed: true, Value: visit})
	} else {
		out = append(out, field{Name: "night", Label: f.t("Night to"), Kind: textField, Fixed: true, Value: night})
	}
	out = append(out, field{Name: "language", Label: f.t("Language of the answers"), Kind: textField, Fixed: true, Value: lang, Said: f.words.coded(f.lang, "language:", lang)})
	show := f.spoken(d, lang)
	f.over(show, d, lang)
	for _, it := range show.Items {
		out = append(out, itemField(f, it, show))
	}
	return out
}

// over says what stands over the items of a form, and in which other languages
// it can be filled in.
func (f *formFor) over(show instrument.Display, d *instrument.Definition, lang string) {
	f.notice = f.wordingNotice(show.Text, d)
	f.validated = show.Text == instrument.ValidatedText
	if loaded(show.Text) {
		f.intro, f.introLang = show.Intro, lang
	} else {
		f.intro = d.Intro.In(f.lang)
	}
	q := url.Values{"instrument": {string(d.ID)}}
	for _, name := range []string{"visit", "night"} {
		if v := f.given(name); v != "" {
			q.Set(name, v)
		}
	}
	for _, l := range f.proto.Languages {
		if string(l) != lang {
			q.Set("language", string(l))
			f.others = append(f.others, option{"?" + q.Encode(), f.words.coded(f.lang, "language:", string(l))})
		}
	}
}

// given is what the link or the form that came back says.
func (f *formFor) given(name string) string {
	if v := f.form.Get(name); v != "" {
		return v
	}
	return f.query.Get(name)
}

// itemField asks one item of an instrument: in its loaded words, or by its topic
// in the reader's own language.
func itemField(f *formFor, it instrument.DisplayItem, show instrument.Display) field {
	x := field{Name: "answers." + string(it.ID), Label: it.Topic.In(f.lang), Unit: it.Unit, CanSkip: true}
	if loaded(show.Text) {
		x.Label, x.Lang = it.Text, show.Language
	}
	switch it.Kind {
	case instrument.Clock:
		x.Kind, x.Hint = clockField, f.t("as in 23:30")
	case instrument.YesNo:
		x.Kind = yesNoField
	case instrument.FreeText:
		x.Kind = areaField
	case instrument.Choice:
		x.Kind = choiceField
		for i, c := range it.Choices {
			text := c.Text
			if x.Lang == "" {
				text = it.Item.Choices[i].Text.In(f.lang)
			}
			x.Options = append(x.Options, option{c.Code, text})
		}
	case instrument.Rating, instrument.Adjective:
		x.Kind = numberField
		x.Min, x.Max = strconv.Itoa(it.Min), strconv.Itoa(it.Max)
		x.Hint = anchors(it, x.Lang, f.lang)
	default:
		x.Kind = numberField
		x.Min, x.Max = strconv.Itoa(it.Min), strconv.Itoa(it.Max)
	}
	return x
}

// anchors tells what the values of a rating mean: 0 none … 4 very severe.
func anchors(it instrument.DisplayItem, loaded, reader string) string {
	var parts []string
	if loaded != "" {
		for _, a := range it.Anchors {
			parts = append(parts, strconv.Itoa(a.At)+" "+a.Text)
		}
	} else {
		for _, a := range it.Item.Anchors {
			parts = append(parts, strconv.Itoa(a.At)+" "+a.Text.In(reader))
		}
	}
	return strings.Join(parts, ", ")
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
