package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// Instrument is one that the trial asks.
type Instrument struct {
	ID       string    `json:"id"`
	Version  string    `json:"version" doc:"of the definition"`
	Title    string    `json:"title"`
	SHA256   string    `json:"sha256" doc:"of the definition in its canonical form"`
	Items    int       `json:"items"`
	Licensed bool      `json:"licensed" doc:"it cannot be answered until its licensed wording is loaded"`
	Visits   []string  `json:"visits" nullable:"false" doc:"at which it is asked"`
	Diary    bool      `json:"diary" doc:"it is asked every morning"`
	Shown    []ShownIn `json:"shown" nullable:"false" doc:"in the trial's languages"`
}

// ShownIn is how an instrument is shown in a language.
type ShownIn struct {
	Language   string `json:"language" doc:"that was asked for"`
	Text       string `json:"text" enum:"own,validated,loaded,topics" doc:"whose words: ours, of an instrument of ours; the validated wording; words that were loaded and do not claim to be; or topics in their place"`
	Answerable bool   `json:"answerable"`
}

// Instruments is a page of them.
type Instruments struct {
	Instruments []Instrument `json:"instruments" nullable:"false" doc:"in the order in which the protocol asks them"`
	Further
}

// instruments gives what the trial asks people, and how.
func (s *server) instruments(api huma.API) {
	huma.Register(api, named("see-instruments", "see-protocol", "/instruments", "The instruments that the trial asks, when, and in whose words"), s.asks)
	huma.Register(api, named("get-instrument", "see-protocol", "/instruments/{instrument}", "The definition of one instrument in its canonical form: items, scales, licence and sources"), s.definition)
	huma.Register(api, named("show-instrument", "see-protocol", "/instruments/{instrument}/shown", "One instrument as a screen shows it, in the words that this server has for it"), s.showInstrument)
}

func (s *server) asks(ctx context.Context, in *struct {
	Page
	Version string `query:"version" doc:"of the protocol; left out: that which was approved last"`
},
) (*listOut[Instruments], error) {
	out := Instruments{Instruments: []Instrument{}}
	err := s.look(ctx, "see-protocol", "", func(c desk.Caller, st *study.State) error {
		checked := st.Latest()
		for _, v := range st.Versions() {
			if v.Protocol().Version == in.Version {
				checked = v
			}
		}
		if p := checked.Protocol(); in.Version != "" && p.Version != in.Version {
			return fault.New("version-unknown", "version", "the protocol has no version %.60q", in.Version)
		}
		part, next, err := paged(s.asked(st, checked.Protocol(), languageOf(c)), in.Page, func(i Instrument) string { return i.ID })
		out.Instruments, out.Next = append(out.Instruments, part...), next
		return err
	})
	return listed(ctx, out.Next, out), err
}

// asked lays out what a protocol asks, in its order.
func (s *server) asked(st *study.State, p protocol.Protocol, lang protocol.Language) []Instrument {
	var out []Instrument
	place := map[string]int{}
	add := func(id string) *Instrument {
		i, known := place[id]
		if !known {
			d, ok := st.Instrument(instrument.ID(id), "")
			if !ok {
				return nil
			}
			i = len(out)
			place[id] = i
			out = append(out, Instrument{
				ID: id, Version: d.Version, Title: d.Title.In(string(lang)), SHA256: d.SHA256(), Items: len(d.Items),
				Licensed: d.Words == instrument.LicensedWords, Visits: []string{}, Shown: s.shown(d, p.Languages),
			})
		}
		return &out[i]
	}
	for _, v := range p.Visits {
		for _, id := range v.Instruments {
			if x := add(id); x != nil {
				x.Visits = append(x.Visits, v.ID)
			}
		}
	}
	if p.Diary != nil {
		if x := add(p.Diary.Instrument); x != nil {
			x.Diary = true
		}
	}
	return out
}

func (s *server) shown(d *instrument.Definition, langs []protocol.Language) []ShownIn {
	out := []ShownIn{}
	for _, l := range langs {
		shown := s.display(d, string(l))
		out = append(out, ShownIn{string(l), string(shown.Text), shown.Answerable})
	}
	return out
}

func (s *server) definition(ctx context.Context, in *struct {
	Instrument string `path:"instrument"`
	Version    string `query:"version" doc:"of the definition; left out: that in use"`
},
) (*rawOut, error) {
	out := &rawOut{ContentType: "application/json"}
	return out, s.look(ctx, "see-protocol", "", func(_ desk.Caller, st *study.State) error {
		d, ok := st.Instrument(instrument.ID(in.Instrument), in.Version)
		if !ok {
			return fault.New("page-unknown", "instrument", "the trial asks no such instrument")
		}
		out.Body = d.Canonical()
		return nil
	})
}
