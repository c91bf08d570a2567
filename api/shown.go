package api

import (
	"context"

	"dvala/desk"
	"dvala/fault"
	"dvala/instrument"
	"dvala/study"
)

// Shown is an instrument as a screen shows it, in one language.
type Shown struct {
	Instrument string      `json:"instrument"`
	Version    string      `json:"version"`
	Language   string      `json:"language" doc:"of the items' texts"`
	Title      string      `json:"title"`
	Intro      string      `json:"intro,omitempty"`
	Text       string      `json:"text" enum:"own,validated,loaded,topics"`
	Notice     string      `json:"notice,omitempty" doc:"to be shown with the form"`
	Answerable bool        `json:"answerable" doc:"false: licensed words are needed, and not loaded"`
	Items      []ShownItem `json:"items" nullable:"false"`
}

// ShownItem is one item as a screen shows it.
type ShownItem struct {
	ID      string        `json:"id"`
	Text    string        `json:"text"`
	Anchors []ShownAnchor `json:"anchors,omitempty"`
	Choices []ShownChoice `json:"choices,omitempty"`
}

// ShownAnchor is the text at a step of a scale.
type ShownAnchor struct {
	At   int    `json:"at"`
	Text string `json:"text"`
}

// ShownChoice is the text of a choice.
type ShownChoice struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

func shownOf(d instrument.Display) Shown {
	out := Shown{
		Instrument: string(d.Instrument), Version: d.Version, Language: d.Language, Title: d.Title, Intro: d.Intro,
		Text: string(d.Text), Notice: d.Notice, Answerable: d.Answerable, Items: []ShownItem{},
	}
	for _, it := range d.Items {
		row := ShownItem{ID: string(it.ID), Text: it.Text}
		for _, a := range it.Anchors {
			row.Anchors = append(row.Anchors, ShownAnchor(a))
		}
		for _, c := range it.Choices {
			row.Choices = append(row.Choices, ShownChoice(c))
		}
		out.Items = append(out.Items, row)
	}
	return out
}

func (s *server) showInstrument(ctx context.Context, in *struct {
	Instrument string `path:"instrument"`
	Lang       string `query:"lang" enum:"en,sv" default:"en"`
},
) (*struct{ Body Shown }, error) {
	out := Shown{}
	err := s.look(ctx, "see-protocol", "", func(_ desk.Caller, st *study.State) error {
		d, ok := st.Instrument(instrument.ID(in.Instrument), "")
		if !ok {
			return fault.New("page-unknown", "instrument", "the trial asks no such instrument")
		}
		out = shownOf(s.display(d, in.Lang))
		return nil
	})
	return &struct{ Body Shown }{out}, err
}

// display shows an instrument in the words that this server has for it.
func (s *server) display(d *instrument.Definition, lang string) instrument.Display {
	var w *instrument.Wording
	if s.opts.Wording != nil {
		w, _ = s.opts.Wording(d.ID, d.Version, lang)
	}
	return instrument.Show(d, lang, w)
}
