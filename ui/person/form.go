package person

import (
	"net/url"
	"strconv"
	"strings"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// formView is an instrument as a form.
type formView struct {
	Instrument, Version string
	Title, Intro        string
	Official            string // the instrument's own name, where a plain one stands as its title
	Notice              string // said where the wording is not the validated one
	Answerable          bool
	Validated           bool
	Recall              string // which time it asks about; always in sight
	Unsure              bool   // "not sure" is offered, as diaries do and questionnaires do not
	Items               []itemView
}

// itemView is one question. Look says how it is asked:
//
//	scale    a row of numbered or worded steps
//	list     every answer in words, one to a line
//	line     a visual analogue line
//	clock minutes count yes-no choice text
type itemView struct {
	ID, Text, Hint   string
	Look             string
	Kind             string
	Min, Max         int
	Unit             string
	Low, Middle      string // words at the ends of a line or a row
	High             string
	Options          []optionView
	Optional         bool
	AskIf            string // item: asked only if that was answered with at least AtLeast
	AtLeast          string
	Night            bool // part of last night's bar
	Value            string
	None             string // not-sure, where that was said
	Steps            []int  // of a stepper's buttons
	First, WithUnset bool
}

// optionView is one answer that can be chosen.
type optionView struct {
	Value, Text string
	Checked     bool
}

// nightItems are drawn together, as last night's bar.
var nightItems = map[string]bool{
	"into-bed": true, "tried-to-sleep": true, "sol": true, "wakings": true, "waso": true, "final-waking": true, "out-of-bed": true,
}

// newForm lays an instrument out, with what has been answered so far.
func (p *Pages) newForm(lang string, d *instrument.Definition, proto protocol.Protocol, given url.Values) formView {
	var w *instrument.Wording
	if p.opt.Wording != nil {
		w, _ = p.opt.Wording(d.ID, d.Version, lang)
	}
	show := instrument.Show(d, lang, w)
	f := formView{
		Instrument: string(d.ID), Version: d.Version, Intro: show.Intro, Notice: show.Notice,
		Answerable: show.Answerable, Validated: show.Text == instrument.ValidatedText,
		Recall: p.recall(lang, d), Unsure: proto.Diary != nil && proto.Diary.Instrument == string(d.ID),
	}
	f.Title, f.Official = p.named(lang, d)
	for i, it := range show.Items {
		v := itemView{
			ID: string(it.ID), Text: it.Text, Kind: string(it.Kind), Min: it.Min, Max: it.Max, Unit: p.unit(lang, it.Unit),
			Optional: it.Optional, Night: f.Unsure && nightItems[string(it.ID)], First: i == 0,
			Value: given.Get("a." + string(it.ID)), None: given.Get("n." + string(it.ID)),
		}
		if it.AskIf != nil {
			v.AskIf, v.AtLeast = string(it.AskIf.Item), strconv.FormatFloat(it.AskIf.AtLeast, 'f', -1, 64)
		}
		v.layOut(it)
		if string(d.ID) == "guess" {
			v.nameArms(proto, protocol.Language(lang))
		}
		f.Items = append(f.Items, v)
	}
	return f
}

// named gives an instrument's name in plain words, and beside it the name under
// which it is known, where that is another. One of a trial's own has the name that
// its authors gave it.
func (p *Pages) named(lang string, d *instrument.Definition) (plain, official string) {
	official = d.Title.In(lang)
	plain = p.words.maybe(lang, "instrument."+string(d.ID))
	if plain == "" || plain == official {
		return official, ""
	}
	return plain, official
}

// recall says which time an instrument asks about.
func (p *Pages) recall(lang string, d *instrument.Definition) string {
	switch {
	case d.Recall.Days == nil:
		return ""
	case d.Recall.Kind == instrument.ComparesWithUsual:
		return p.words.say(lang, "recall.usual")
	case *d.Recall.Days == 0:
		return p.words.say(lang, "recall.now")
	case *d.Recall.Days == 1:
		return p.words.say(lang, "recall.day")
	}
	return p.words.say(lang, "recall.days", "n", *d.Recall.Days)
}

func (p *Pages) unit(lang, unit string) string {
	if _, ok := p.words.of["unit."+unit]; ok {
		return p.words.say(lang, "unit."+unit)
	}
	return unit
}

func (v *itemView) layOut(it instrument.DisplayItem) {
	words := map[int]string{}
	for _, a := range it.Anchors {
		words[a.At] = a.Text
	}
	switch it.Kind {
	case instrument.Rating, instrument.Adjective:
		v.Look, v.Low, v.High = "scale", words[it.Min], words[it.Max]
		if len(words) == it.Max-it.Min+1 && it.Kind == instrument.Rating {
			v.Look = "list"
		}
		if len(words) == it.Max-it.Min+1 && it.Kind == instrument.Adjective {
			v.Look = "words"
		}
		for n := it.Min; n <= it.Max; n++ {
			o := optionView{Value: strconv.Itoa(n), Text: words[n], Checked: v.Value == strconv.Itoa(n)}
			if v.Look == "scale" {
				o.Text = strconv.Itoa(n)
				if n > it.Min && n < it.Max && v.Middle == "" {
					v.Middle = words[n]
				}
			}
			v.Options = append(v.Options, o)
		}
	case instrument.VAS:
		v.Look, v.Low, v.High = "line", words[it.Min], words[it.Max]
		v.Middle = words[(it.Min+it.Max)/2]
	case instrument.Choice:
		v.Look = "list"
		for _, c := range it.Choices {
			v.Options = append(v.Options, optionView{c.Code, c.Text, v.Value == c.Code})
		}
	default:
		v.Look = string(it.Kind)
	}
}

// nameArms puts the protocol's names of its arms in the place of the guess
// form's own words, as that form asks.
func (v *itemView) nameArms(proto protocol.Protocol, lang protocol.Language) {
	of := map[string][]string{}
	for _, a := range proto.Arms {
		key := "active"
		if a.Role == protocol.Comparator {
			key = "comparator"
		}
		of[key] = append(of[key], a.Label.In(lang))
	}
	for i, o := range v.Options {
		if names := of[o.Value]; len(names) > 0 {
			v.Options[i].Text = strings.Join(names, " / ")
		}
	}
}

// readForm reads what a form says: what is left empty is missing and is not
// sent. Problems name the item.
func readForm(d *instrument.Definition, form url.Values) (instrument.Answers, fault.List) {
	var l fault.List
	out := instrument.Answers{}
	for i := range d.Items {
		it := &d.Items[i]
		if form.Get("n."+string(it.ID)) == "not-sure" {
			out[it.ID] = instrument.NotSure()
			continue
		}
		text := strings.TrimSpace(form.Get("a." + string(it.ID)))
		if text == "" {
			continue
		}
		a, err := readAnswer(it, text)
		if err != nil {
			l.Merge("answer-form", string(it.ID), err)
			continue
		}
		out[it.ID] = a
	}
	for _, p := range d.Check(out) {
		if p.Code == "item-not-asked" {
			delete(out, instrument.ItemID(p.Place)) // it was hidden again: what stood there was not meant
			continue
		}
		l.Add(p)
	}
	return out, l
}

func readAnswer(it *instrument.Item, text string) (instrument.Answer, error) {
	switch it.Kind {
	case instrument.Clock:
		c, err := civil.ParseClock(text)
		if err != nil {
			return instrument.Answer{}, err
		}
		return instrument.At(c), nil
	case instrument.YesNo:
		return instrument.Bool(text == "yes"), nil
	case instrument.Choice, instrument.FreeText:
		return instrument.Said(text), nil
	}
	x, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil {
		return instrument.Answer{}, fault.New("answer-kind", string(it.ID), "%.20q is not a number", text)
	}
	return instrument.Number(x), nil
}

// definition gives an instrument as the trial uses it.
func definition(s *study.State, id string) (*instrument.Definition, error) {
	d, ok := s.Instrument(instrument.ID(id), "")
	if !ok {
		return nil, fault.New("page-unknown", id, "there is no such form")
	}
	return d, nil
}
