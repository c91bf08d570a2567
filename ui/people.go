package ui

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/study"
)

// peoplePage is the table of all, or of those that fit.
type peoplePage struct {
	List  listing[desk.Line]
	All   int
	Need  string
	Needs []desk.Count
	Only  string // in words, who is looked at: the people behind a number elsewhere
	New   bool

	holders map[study.Subject]bool // who was handed the kit whose number is searched for
}

// peopleRows is how many people stand on a page.
const peopleRows = 500

func share(s desk.Share) float64 {
	if s.Due == 0 {
		return -1
	}
	return float64(s.Got) / float64(s.Due)
}

// peopleColumns are those of the table of people, as the page says them to the
// asker.
func peopleColumns(a *ask) []listColumn[desk.Line] {
	type line = desk.Line
	count := func(id, name string, n func(line) int) listColumn[line] {
		return listColumn[line]{id: id, name: name, text: func(l line) string { return strconv.Itoa(n(l)) }, order: func(x, y line) int { return n(x) - n(y) }}
	}
	ratio := func(id, name string, of func(line) desk.Share) listColumn[line] {
		return listColumn[line]{
			id: id, name: name, text: func(l line) string { return ratio(of(l)) }, show: func(l line) string { return percent(of(l)) },
			order: func(x, y line) int { return cmp.Compare(share(of(x)), share(of(y))) },
		}
	}
	adverse := count("adverse", "Adverse", func(l line) int { return l.Adverse })
	adverse.show = func(l line) string {
		if l.Serious {
			return strconv.Itoa(l.Adverse) + " " + a.t("serious")
		}
		return strconv.Itoa(l.Adverse)
	}
	return []listColumn[line]{
		{id: "code", name: "Code", text: func(l line) string { return string(l.Subject) }},
		{id: "site", name: "Site", words: true, text: func(l line) string { return l.Site }},
		{id: "stage", name: "Stage", words: true, text: func(l line) string { return l.Stage }, codes: "stage:"},
		{id: "day", name: "Day", text: dayText, show: func(l line) string { return orDash(strings.Replace(dayText(l), "-", "−", 1)) }, order: func(x, y line) int { return cmp.Compare(dayOf(x), dayOf(y)) }},
		{id: "stratum", name: "Stratum", words: true, text: func(l line) string { return l.Cell }, show: func(l line) string { return orDash(a.words.stratum(a.lang, l.Cell)) }},
		{id: "randomised", name: "Randomised", text: func(l line) string { return l.Randomised.String() }, show: func(l line) string { return orDash(l.Randomised.String()) }},
		ratio("diaries", "Diaries", func(l line) desk.Share { return l.Diaries }),
		ratio("nights", "Nights", func(l line) desk.Share { return l.Nights }),
		count("doses", "Doses", func(l line) int { return l.Doses }),
		count("missed", "Missed", func(l line) int { return l.Missed }),
		adverse,
		count("deviations", "Deviations", func(l line) int { return l.Deviations }),
		{
			id: "needs", name: "Needs", words: true, text: func(l line) string { return strings.Join(l.Needs, "; ") },
			show:  func(l line) string { return orDash(a.needs(l)) },
			order: func(x, y line) int { return len(x.Needs) - len(y.Needs) },
		},
	}
}

func (a *ask) needs(l desk.Line) string {
	said := make([]string, len(l.Needs))
	for i, n := range l.Needs {
		said[i] = a.words.tell(a.lang, n)
	}
	return strings.Join(said, " ")
}

func dayText(l desk.Line) string {
	if !l.HasDay {
		return ""
	}
	return strconv.Itoa(l.Day)
}

func dayOf(l desk.Line) int {
	if !l.HasDay {
		return -100_000
	}
	return l.Day
}

func ratio(s desk.Share) string {
	if s.Due == 0 {
		return ""
	}
	return strconv.FormatFloat(share(s), 'f', 4, 64)
}

// found gives the people a reader may see who are behind the number that she
// comes from, if she comes from one.
func (a *ask) found() (p peoplePage, lines []desk.Line, err error) {
	q := a.r.URL.Query()
	p.Need, p.holders = q.Get("need"), map[study.Subject]bool{}
	kit := kitNumber(q.Get("q"))
	away, err := a.awayOnes()
	if err != nil {
		return p, nil, err
	}
	err = a.see("see-people", "", func(st *study.State, now time.Time) error {
		sees := a.seesAt()
		n := a.Office.Needs(st, now, sees)
		counted := a.behind(st)
		counted.also(a, st, now, away)
		a.Office.Lines(st, now, func(line func(int) desk.Line) {
			for place, who := range st.Order {
				l := line(place)
				if !sees(l.Site) {
					continue
				}
				p.All++
				if kit != "" && slices.ContainsFunc(st.People[who].Kits, func(k study.KitGiven) bool { return kitNumber(k.Kit) == kit }) {
					p.holders[who] = true
				}
				if (p.Need == "" || slices.Contains(l.Needs, p.Need)) && counted.has(st.People[who]) {
					lines = append(lines, l)
				}
			}
		})
		for _, need := range desk.NeedsInOrder() {
			if n[need] > 0 {
				p.Needs = append(p.Needs, desk.Count{What: need, N: n[need]})
			}
		}
		p.Only, p.New = counted.says, a.may("screen", "") && st.Locked == nil
		return nil
	})
	return p, lines, err
}

// kitNumber gives a kit's number as it is compared: however it is grouped and cased.
func kitNumber(text string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "\u2011", "", "\u2013", "", " ", "").Replace(text))
}

// columns are those of the table; whoever was handed the kit that is searched for is
// found by its whole number, which is printed on what she holds in her hand.
func (p peoplePage) columns(a *ask) []listColumn[desk.Line] {
	columns, search := peopleColumns(a), a.r.URL.Query().Get("q")
	columns[0].also = func(l desk.Line) string {
		if p.holders[l.Subject] {
			return strings.ToLower(search)
		}
		return ""
	}
	return columns
}

// behind is who is counted by a number on another page, and how the table says so.
type behind struct {
	says  string
	tests []func(*study.Participant) bool
}

func (b behind) has(p *study.Participant) bool {
	return !slices.ContainsFunc(b.tests, func(test func(*study.Participant) bool) bool { return !test(p) })
}

// behind reads it from the address: flow=enrolled, failed=age, and
// randomised=2026-09-01..2026-09-30 or screened=..2026-09-30, both ends included.
func (a *ask) behind(st *study.State) (b behind) {
	q := a.r.URL.Query()
	var says []string
	if part := q.Get("flow"); part != "" {
		says = append(says, a.words.coded(a.lang, "flow:", part))
		b.tests = append(b.tests, func(p *study.Participant) bool { return desk.CountedIn(p, part) })
	}
	if id := q.Get("failed"); id != "" {
		says = append(says, a.t("does not meet: %s", a.speaker().name(desk.Named{Sort: "criterion", ID: id})))
		b.tests = append(b.tests, func(p *study.Participant) bool { return desk.ExcludedBy(p, id) })
	}
	zone := st.Protocol.Zone()
	for _, of := range []struct {
		name, says string
		on         func(*study.Participant) civil.Date
	}{
		{"screened", "screened %s to %s", func(p *study.Participant) civil.Date { return civil.DateOf(p.ScreenedAt.In(zone)) }},
		{"randomised", "randomised %s to %s", func(p *study.Participant) (d civil.Date) {
			if p.Randomised != nil {
				d = p.Randomised.Date
			}
			return d
		}},
	} {
		from, to, ok := between(q.Get(of.name))
		if !ok {
			continue
		}
		says = append(says, a.t(of.says, orDash(from.String()), orDash(to.String())))
		b.tests = append(b.tests, func(p *study.Participant) bool {
			d := of.on(p)
			return !d.IsZero() && !d.Before(from) && (to.IsZero() || !to.Before(d))
		})
	}
	b.says = strings.Join(says, ", ")
	return b
}

// awayOnes gives whose telephone has not been in touch, if they are asked for.
func (a *ask) awayOnes() (map[study.Subject]bool, error) {
	if a.r.URL.Query().Get("away") == "" {
		return nil, nil
	}
	of := map[study.Subject]bool{}
	list, _, err := a.Office.Untouched(a.r.Context(), a.caller)
	for _, u := range list {
		of[u.Subject] = true
	}
	return of, err
}

// also adds what is asked of people's contact: away=yes, whose telephone has not
// been in touch for more than a day; silent=yes, who has not been heard from.
func (b *behind) also(a *ask, st *study.State, now time.Time, away map[study.Subject]bool) {
	add := func(says string, of map[study.Subject]bool) {
		if b.says != "" {
			says = b.says + ", " + says
		}
		b.says = says
		b.tests = append(b.tests, func(p *study.Participant) bool { return of[p.Subject] })
	}
	if away != nil {
		add(a.t("telephone last in touch more than a day ago; that entries wait on it is inferred"), away)
	}
	if a.r.URL.Query().Get("silent") != "" {
		of := map[study.Subject]bool{}
		for _, s := range a.morning(st, now).Silent {
			of[s.Subject] = true
		}
		add(a.t("not heard from for %d days or more", desk.SilentDays), of)
	}
}

// between reads two dates, either of which may be left out.
func between(text string) (from, to civil.Date, ok bool) {
	first, last, ok := strings.Cut(text, "..")
	if !ok {
		return from, to, false
	}
	var err error
	for _, d := range []struct {
		text string
		into *civil.Date
	}{{first, &from}, {last, &to}} {
		if d.text == "" {
			continue
		}
		if *d.into, err = civil.ParseDate(d.text); err != nil {
			return from, to, false
		}
	}
	return from, to, true
}

func (a *ask) participants() (view, error) {
	p, lines, err := a.found()
	if err != nil {
		return view{}, err
	}
	list, whole, err := listedBy(a, "", peopleRows, lines, p.columns(a), nil)
	if err != nil || whole != nil {
		return view{file: whole}, err
	}
	p.List = list
	return view{page: "participants", title: a.t("Participants"), data: p}, nil
}

// participantsFile is the table in codes, at an address of its own, for other
// programs.
func (a *ask) participantsFile() (view, error) {
	p, lines, err := a.found()
	if err != nil {
		return view{}, err
	}
	q, columns := a.r.URL.Query(), p.columns(a)
	if search := strings.TrimSpace(q.Get("q")); search != "" {
		lines = slices.DeleteFunc(lines, func(l desk.Line) bool { return !holds(a, l, columns, search) })
	}
	f, err := fileOf(a, "participants", ordered(a, lines, columns, q.Get("sort"), q.Get("desc") != ""), columns, true)
	return view{file: f}, err
}
