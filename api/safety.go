package api

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/study"
)

// Harm is an adverse event as it stands.
type Harm struct {
	Subject  string                  `json:"subject"`
	Site     string                  `json:"site"`
	Entry    uint64                  `json:"entry" doc:"that told it first, by which it is known"`
	Told     string                  `json:"told" doc:"when it was told first"`
	By       string                  `json:"by"`
	Versions int                     `json:"versions"`
	Event    study.AdverseEvent      `json:"event" doc:"as its latest version has it"`
	Reported []study.SeriousReported `json:"reported" nullable:"false" doc:"to whom a serious one was passed on"`
	Clock    *Clock                  `json:"clock,omitempty" doc:"of a serious one"`
	// Unblindings were asked for because of it.
	Unblindings []uint64 `json:"unblindings" nullable:"false" doc:"entries that asked to unblind the person because of it"`
}

// Clock is the time within which a serious adverse event has to be passed on.
type Clock struct {
	Known    string `json:"known" doc:"when the site came to know that it was serious"`
	Due      string `json:"due"`
	Reported string `json:"reported,omitempty" doc:"when it was passed on first"`
	Over     bool   `json:"over" doc:"it was passed on too late, or has not been and the time is up"`
}

func harmOf(h desk.Harm) Harm {
	r, first := h.Record, h.Record.Versions[0]
	out := Harm{
		Subject: string(h.Subject), Site: h.Site, Entry: r.Entry, Told: stampOf(first.At), By: first.By, Versions: len(r.Versions), Event: r.Now(),
		Reported: append([]study.SeriousReported{}, r.Reported...), Unblindings: append([]uint64{}, h.Unblindings...),
	}
	out.Event.Criteria = slices.Clone(out.Event.Criteria)
	if c := h.Clock; c != nil {
		out.Clock = &Clock{stampOf(c.Aware), stampOf(c.Due), stampOf(c.Reported), h.Over}
	}
	return out
}

// Harms is a page of adverse events.
type Harms struct {
	Hours  int    `json:"serious_within_hours" doc:"within which a serious one has to be passed on, by the protocol as last approved"`
	Events []Harm `json:"adverse_events" nullable:"false"`
	Further
}

// Strayed is a deviation from the protocol, and how it was judged.
type Strayed struct {
	Subject   string                          `json:"subject"`
	Site      string                          `json:"site"`
	Entry     uint64                          `json:"entry"`
	Deviation study.Deviation                 `json:"deviation"`
	Review    *Noted[study.DeviationReviewed] `json:"review,omitempty" doc:"the last"`
}

func strayedOf(d desk.Strayed) Strayed {
	out := Strayed{Subject: string(d.Subject), Site: d.Site, Entry: d.Entry, Deviation: d.Deviation}
	if r := d.Review; r != nil {
		out.Review = &Noted[study.DeviationReviewed]{r.Entry, stampOf(r.At), r.What}
	}
	return out
}

// Deviations is a page of deviations.
type Deviations struct {
	Deviations []Strayed `json:"deviations" nullable:"false"`
	Further
}

// safety gives the list of harms, with the clocks of the serious ones, and that
// of deviations.
func (s *server) safety(api huma.API) {
	huma.Register(api, named("see-adverse-events", "see-people", "/adverse-events", "Adverse events of all whom the caller may see, in the order of the ledger, with the clocks of serious ones"), s.harms)
	huma.Register(api, named("see-deviations", "see-people", "/deviations", "Deviations of all whom the caller may see, in the order of the ledger, and how they were judged"), s.deviations)
}

func (s *server) harms(ctx context.Context, in *struct {
	Page
	Site    string `query:"site" doc:"only of people of this site"`
	Serious bool   `query:"serious" doc:"only serious ones"`
	Running bool   `query:"running" doc:"only serious ones that have not been passed on"`
},
) (*listOut[Harms], error) {
	out := Harms{Events: []Harm{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		now, sees := desk.AsOf(st, s.office.Now()), onlyAt(s.seesAt(c, "see-person"), in.Site)
		out.Hours = st.Latest().Protocol().Safety.SeriousWithinHours
		part, next, err := entriesOf(in.Page, func(place uint64) func(func(desk.Harm) bool) {
			return func(yield func(desk.Harm) bool) {
				for h := range desk.HarmsFrom(st, place, now, sees) {
					serious, running := h.Clock != nil, h.Clock != nil && h.Clock.Reported.IsZero()
					if (serious || !in.Serious) && (running || !in.Running) && !yield(h) {
						return
					}
				}
			}
		}, func(h desk.Harm) uint64 { return h.Record.Entry })
		for _, h := range part {
			out.Events = append(out.Events, harmOf(h))
		}
		out.Next = next
		return err
	})
	if err == nil {
		out.Events, err = revealed(ctx, s, out.Events, func(h Harm) string { return h.Subject })
	}
	return listed(ctx, out.Next, out), err
}

func (s *server) deviations(ctx context.Context, in *struct {
	Page
	Site string `query:"site" doc:"only of people of this site"`
	Code string `query:"code" doc:"only of this kind, as in visit-outside-window"`
},
) (*listOut[Deviations], error) {
	out := Deviations{Deviations: []Strayed{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		sees := onlyAt(s.seesAt(c, "see-person"), in.Site)
		part, next, err := entriesOf(in.Page, func(place uint64) func(func(desk.Strayed) bool) {
			return func(yield func(desk.Strayed) bool) {
				for d := range desk.StrayedFrom(st, place, sees) {
					if (in.Code == "" || d.Code == in.Code) && !yield(d) {
						return
					}
				}
			}
		}, func(d desk.Strayed) uint64 { return d.Entry })
		for _, d := range part {
			out.Deviations = append(out.Deviations, strayedOf(d))
		}
		out.Next = next
		return err
	})
	if err == nil {
		out.Deviations, err = revealed(ctx, s, out.Deviations, func(d Strayed) string { return d.Subject })
	}
	return listed(ctx, out.Next, out), err
}
