package api

import (
	"context"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"dvala/civil"
	"dvala/desk"
	"dvala/study"
)

// Day is what a desk has before it today, counted; the lists are asked for by
// themselves.
type Day struct {
	Date    string  `json:"date"`
	AsOf    string  `json:"as_of"`
	Needs   []Count `json:"needs" nullable:"false" doc:"people who need something, by what it is, the most urgent first"`
	Held    int     `json:"held" doc:"entries from devices that could not be filed"`
	Waiting int     `json:"waiting" doc:"proposals that the caller may decline"`
	Signs   int     `json:"signs" doc:"signs in the data that want a look"`
	Low     int     `json:"low" doc:"cells of the list and kits of which a fifth or less is left"`
	Visits  int     `json:"visits"`
	Diaries Share   `json:"diaries" doc:"how many of the diaries due today are in, in each person's zone"`
	Silent  int     `json:"silent"`
	Clocks  int     `json:"clocks"`
	Devices int     `json:"devices"`
	Came    []Came  `json:"came" nullable:"false" doc:"what came of what was due in the seven days up to yesterday"`
}

// Came is how much of a kind came.
type Came struct {
	What string `json:"what"`
	Share
	Tardy int `json:"tardy" doc:"of these, late"`
}

// DueVisit is a visit that can be held today.
type DueVisit struct {
	Subject string   `json:"subject"`
	Visit   string   `json:"visit"`
	Label   string   `json:"label"`
	On      string   `json:"on"`
	Last    string   `json:"last" doc:"the day on which it still counts"`
	State   string   `json:"state"`
	Missing []string `json:"missing" nullable:"false" doc:"instruments"`
}

// DueVisits is a page of them.
type DueVisits struct {
	Visits []DueVisit `json:"visits" nullable:"false" doc:"those that count the shortest first"`
	Further
}

// SilentPerson is somebody who takes part and has not been heard from.
type SilentPerson struct {
	Subject string `json:"subject"`
	Since   string `json:"since"`
	Days    int    `json:"days"`
}

// SilentPeople is a page of them.
type SilentPeople struct {
	Silent []SilentPerson `json:"silent" nullable:"false" doc:"the longest first"`
	Further
}

// RunningClock is a serious event that has to be passed on within the protocol's
// hours, and has not been.
type RunningClock struct {
	Subject string `json:"subject"`
	Entry   uint64 `json:"entry"`
	Term    string `json:"term"`
	Known   string `json:"known"`
	By      string `json:"by"`
	Over    bool   `json:"over"`
}

// RunningClocks is a page of them.
type RunningClocks struct {
	Clocks []RunningClock `json:"clocks" nullable:"false" doc:"those that are up first come first"`
	Further
}

// QuietDevice is somebody whose device should have sent something and has not.
type QuietDevice struct {
	Subject string `json:"subject"`
	Vendor  string `json:"vendor"`
	Last    string `json:"last,omitempty" doc:"the latest night that came"`
	Days    int    `json:"days" doc:"nights missing at the end"`
	Status  string `json:"status,omitempty" doc:"what the device said of itself last"`
}

// QuietDevices is a page of them.
type QuietDevices struct {
	Devices []QuietDevice `json:"devices" nullable:"false" doc:"those that miss the most first"`
	Further
}

// dayOf gives the day of the people whom a caller may see.
func (s *server) dayOf(c desk.Caller, st *study.State, site string) desk.Day {
	return s.office.Day(st, desk.AsOf(st, s.office.Now()), onlyAt(s.seesAt(c, "see-person"), site))
}

// AtSite asks for a part of a list about the people of a site.
type AtSite struct {
	Page
	Site string `query:"site" doc:"only of people of this site"`
}

// UntouchedPerson is somebody who takes part and whose telephone has not been in
// touch for more than a day.
type UntouchedPerson struct {
	Subject string `json:"subject"`
	Seen    string `json:"seen" doc:"it was last in touch"`
}

// UntouchedPeople is a page of them.
type UntouchedPeople struct {
	People []UntouchedPerson `json:"telephones" nullable:"false" doc:"the longest first; what was filled in may be waiting on them, which nobody but they can know"`
	Further
}

func (s *server) untouched(ctx context.Context, in *AtSite) (*listOut[UntouchedPeople], error) {
	out := UntouchedPeople{People: []UntouchedPerson{}}
	all, _, err := s.office.Untouched(ctx, desk.CallerOf(ctx))
	if err == nil && in.Site != "" {
		err = s.office.See(ctx, desk.CallerOf(ctx), "see-people", "", func(st *study.State) error {
			all = slices.DeleteFunc(all, func(u desk.Untouched) bool { return st.People[u.Subject].Site != in.Site })
			return nil
		})
	}
	if err != nil {
		return nil, problem(err)
	}
	part, next, err := paged(all, in.Page, func(u desk.Untouched) string { return string(u.Subject) })
	if err != nil {
		return nil, problem(err)
	}
	for _, u := range part {
		out.People = append(out.People, UntouchedPerson{string(u.Subject), stampOf(u.Seen)})
	}
	out.Next = next
	return listed(ctx, next, out), nil
}

func (s *server) days(api huma.API) {
	huma.Register(api, named("see-untouched", "see-people", "/day/telephones", "Whose telephone has not been in touch for more than a day, so that what was filled in may be waiting on it"), s.untouched)
	huma.Register(api, named("see-day", "see-people", "/day", "What needs somebody today, counted"), s.day)
	huma.Register(api, named("see-due-visits", "see-people", "/day/visits", "Visits that can be held today"), s.dueVisits)
	huma.Register(api, named("see-silent", "see-people", "/day/silent", "Who takes part and has not been heard from for days"), s.silent)
	huma.Register(api, named("see-clocks", "see-people", "/day/clocks", "Serious events that have not been passed on, and how long there is"), s.clocks)
	huma.Register(api, named("see-quiet-devices", "see-people", "/day/devices", "Rings and watches that are quiet"), s.quietDevices)
}

func (s *server) day(ctx context.Context, in *struct {
	Site string `query:"site" doc:"only of people of this site"`
},
) (*struct{ Body Day }, error) {
	out := Day{Needs: []Count{}, Came: []Came{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		now, sees := desk.AsOf(st, s.office.Now()), onlyAt(s.seesAt(c, "see-person"), in.Site)
		d := s.office.Day(st, now, sees)
		out.Date, out.AsOf = d.Date.String(), stampOf(now)
		out.Visits, out.Silent, out.Clocks, out.Devices = len(d.Visits), len(d.Silent), len(d.Clocks), len(d.Rings)
		out.Diaries = Share(d.Diaries)
		for _, q := range d.Quality {
			out.Came = append(out.Came, Came{string(q.What), Share(q.Share), q.Tardy})
		}
		n := s.office.Needs(st, now, sees)
		for _, need := range desk.NeedsInOrder() {
			if n[need] > 0 && st.Locked == nil {
				out.Needs = append(out.Needs, Count{need, n[need]})
			}
		}
		out.Signs = s.watched.Signs(st, sees).Count()
		out.Waiting = desk.WaitingFor(st, c, s.office.Now())
		out.Low = len(desk.LowAt(s.office.Low(st, civil.DateOf(now.In(st.Protocol.Zone()))), onlyAt(s.seesAt(c, "see-stock"), in.Site)))
		return nil
	})
	if caller := desk.CallerOf(ctx); err == nil && s.office.May(caller, "see-held", "") {
		held, herr := s.office.HeldEntries(ctx, caller, false)
		if herr == nil && in.Site != "" {
			held, herr = s.heldAt(ctx, held, in.Site)
		}
		if herr != nil {
			return nil, problem(herr)
		}
		out.Held = len(held)
	}
	return &struct{ Body Day }{out}, err
}

func (s *server) dueVisits(ctx context.Context, in *AtSite) (*listOut[DueVisits], error) {
	out := DueVisits{Visits: []DueVisit{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		part, next, err := paged(s.dayOf(c, st, in.Site).Visits, in.Page, func(d desk.Due) string { return string(d.Subject) + "/" + d.Visit })
		for _, d := range part {
			out.Visits = append(out.Visits, DueVisit{
				string(d.Subject), d.Visit, d.Label.In(languageOf(c)), d.On.String(), d.Last.String(), string(d.State), append([]string{}, d.Missing...),
			})
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}

func (s *server) silent(ctx context.Context, in *AtSite) (*listOut[SilentPeople], error) {
	out := SilentPeople{Silent: []SilentPerson{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		part, next, err := paged(s.dayOf(c, st, in.Site).Silent, in.Page, func(d desk.Silence) string { return string(d.Subject) })
		for _, d := range part {
			out.Silent = append(out.Silent, SilentPerson{string(d.Subject), d.Since.String(), d.Days})
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}

func (s *server) clocks(ctx context.Context, in *AtSite) (*listOut[RunningClocks], error) {
	out := RunningClocks{Clocks: []RunningClock{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		part, next, err := paged(s.dayOf(c, st, in.Site).Clocks, in.Page, func(d desk.Clock) string { return strconv.FormatUint(d.Entry, 10) })
		for _, d := range part {
			out.Clocks = append(out.Clocks, RunningClock{string(d.Subject), d.Entry, d.Term, stampOf(d.Known), stampOf(d.By), d.Over})
		}
		out.Next = next
		return err
	})
	if err == nil {
		out.Clocks, err = revealed(ctx, s, out.Clocks, func(d RunningClock) string { return d.Subject })
	}
	return listed(ctx, out.Next, out), err
}

func (s *server) quietDevices(ctx context.Context, in *AtSite) (*listOut[QuietDevices], error) {
	out := QuietDevices{Devices: []QuietDevice{}}
	err := s.look(ctx, "see-people", "", func(c desk.Caller, st *study.State) error {
		part, next, err := paged(s.dayOf(c, st, in.Site).Rings, in.Page, func(d desk.Ring) string { return string(d.Subject) + "/" + d.Vendor })
		for _, d := range part {
			row := QuietDevice{Subject: string(d.Subject), Vendor: d.Vendor, Days: d.Days, Status: d.Status}
			if !d.Last.IsZero() {
				row.Last = d.Last.String()
			}
			out.Devices = append(out.Devices, row)
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}
