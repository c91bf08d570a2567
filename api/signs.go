package api

import (
	"context"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/watch"
	"dvala/study"
)

// Digits are last digits of minutes and clock times that fall otherwise than
// those of everybody else.
type Digits struct {
	Subject  string  `json:"subject,omitempty" doc:"left out: of a whole site"`
	Site     string  `json:"site,omitempty"`
	Counts   [10]int `json:"counts" doc:"of the last digit, from 0 to 9"`
	N        int     `json:"n"`
	Chi2     float64 `json:"chi2" doc:"Pearson's statistic of these against the others"`
	DF       int     `json:"df"`
	P        float64 `json:"p"`
	Adjusted float64 `json:"adjusted_p" doc:"after Holm over all that were tested together"`
}

// DigitSigns is a page of them.
type DigitSigns struct {
	Digits []Digits `json:"digits" nullable:"false" doc:"the least likely first; those whose adjusted p-value is below 0.05"`
	Further
}

// Repeat is a run of forms that one person answered alike.
type Repeat struct {
	Subject    string   `json:"subject"`
	What       string   `json:"what" enum:"same-days,same-visits,straight-line"`
	Instrument string   `json:"instrument"`
	Entries    []uint64 `json:"entries" nullable:"false" doc:"the forms"`
	From       string   `json:"from,omitempty"`
	To         string   `json:"to,omitempty"`
	Visit      string   `json:"visit,omitempty"`
	Items      int      `json:"items" doc:"that are alike"`
}

// RepeatSigns is a page of them.
type RepeatSigns struct {
	Repeats []Repeat `json:"repeats" nullable:"false"`
	Further
}

// Wearer is a night of a device that hardly can be of the person whose it is said
// to be.
type Wearer struct {
	Subject     string   `json:"subject"`
	Vendor      string   `json:"vendor"`
	Night       string   `json:"night"`
	Entry       uint64   `json:"entry"`
	Overlap     *float64 `json:"overlap,omitempty" doc:"share of the device's sleep that lies in the diary's time in bed"`
	HeartRate   *float64 `json:"heart_rate,omitempty" doc:"robust standard deviations off the person's own nights"`
	Variability *float64 `json:"variability,omitempty" doc:"likewise"`
	Because     []string `json:"because" nullable:"false"`
}

// WearerSigns is a page of them.
type WearerSigns struct {
	Wearers []Wearer `json:"wearers" nullable:"false"`
	Further
}

// signs gives what in the data asks for a look: a reason to ask, and no verdict.
func (s *server) signs(api huma.API) {
	const action = desk.Action("see-people")
	huma.Register(api, named("see-digit-signs", action, "/signs/digits", "Last digits that fall otherwise than everybody else's"), s.digits)
	huma.Register(api, named("see-repeat-signs", action, "/signs/repeats", "Days and forms that are answered alike"), s.repeatedAnswers)
	huma.Register(api, named("see-wearer-signs", action, "/signs/wearers", "Nights that hardly can be of the person who wears the device"), s.wearers)
}

func (s *server) digits(ctx context.Context, in *AtSite) (*listOut[DigitSigns], error) {
	out := DigitSigns{Digits: []Digits{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		all := s.watched.Signs(st, onlyAt(s.seesAt(c, "see-person"), in.Site)).Digits
		part, next, err := paged(all, in.Page, func(d watch.Digits) string { return string(d.Subject) + "@" + d.Site })
		for _, d := range part {
			out.Digits = append(out.Digits, Digits{string(d.Subject), d.Site, d.Counts, d.N, d.Chi2, d.DF, d.P, d.Adjusted})
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}

func (s *server) repeatedAnswers(ctx context.Context, in *AtSite) (*listOut[RepeatSigns], error) {
	out := RepeatSigns{Repeats: []Repeat{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		all := s.watched.Signs(st, onlyAt(s.seesAt(c, "see-person"), in.Site)).Repeats
		part, next, err := paged(all, in.Page, func(r watch.Repeat) string {
			first := uint64(0)
			if len(r.Entries) > 0 {
				first = r.Entries[0]
			}
			return r.What + "/" + r.Instrument + "/" + strconv.FormatUint(first, 10)
		})
		for _, r := range part {
			out.Repeats = append(out.Repeats, Repeat{
				string(r.Subject), r.What, r.Instrument, append([]uint64{}, r.Entries...), dateOf(r.From), dateOf(r.To), r.Visit, r.Items,
			})
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}

func (s *server) wearers(ctx context.Context, in *AtSite) (*listOut[WearerSigns], error) {
	out := WearerSigns{Wearers: []Wearer{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		all := s.watched.Signs(st, onlyAt(s.seesAt(c, "see-person"), in.Site)).Wearers
		part, next, err := paged(all, in.Page, func(w watch.Wearer) string { return strconv.FormatUint(w.Entry, 10) })
		for _, w := range part {
			out.Wearers = append(out.Wearers, Wearer{
				string(w.Subject), w.Vendor, w.Night.String(), w.Entry, w.Overlap, w.HeartRate, w.Variability, append([]string{}, w.Because...),
			})
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}
