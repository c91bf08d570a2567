package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/desk"
	"dvala/desk/watch"
	"dvala/schedule"
	"dvala/study"
)

// duePage is what was due and what came of it, task by task: behind the numbers of
// the first page and of the data's quality.
type duePage struct {
	List listing[dueRow]
	Only string // in words, which are looked at
	Tell *speaker
}

// dueRow is one task that was due.
type dueRow struct {
	Subject study.Subject
	Site    string
	schedule.Task
}

// taskParts are what can be asked for of what was due.
var taskParts = map[string]func(watch.Kept) bool{
	"due": func(k watch.Kept) bool { return k.Due > 0 }, "came": func(k watch.Kept) bool { return k.Done > 0 },
	"late": func(k watch.Kept) bool { return k.Tardy > 0 }, "missing": func(k watch.Kept) bool { return k.Done == 0 },
	"not-come": func(k watch.Kept) bool { return k.Done == 0 }, // yet
}

// due reads the address: kind=diary, part=came, day=12, person=P0001, and week=yes
// for the seven days of the first page, or today=yes for the diaries that are due today.
func (a *ask) due() (view, error) {
	q := a.r.URL.Query()
	p := duePage{Tell: a.speaker()}
	kind, who := schedule.Kind(q.Get("kind")), study.Subject(q.Get("person"))
	silent := q.Get("part") == "silent"
	part, known := taskParts[q.Get("part")]
	if !known {
		part = taskParts["due"]
	}
	day, err := strconv.Atoi(q.Get("day"))
	ofDay := err == nil
	counted, when := a.countedTasks(q.Get("week") != "", q.Get("today") != "")
	var rows []dueRow
	err = a.see("see-people", "", func(st *study.State, now time.Time) error {
		sees := a.seesAt()
		for _, id := range st.Order {
			x := st.People[id]
			if !sees(x.Site) || who != "" && who != id {
				continue
			}
			if silent {
				for _, t := range watch.SilentTasks(st, x, now) {
					rows = append(rows, dueRow{id, x.Site, t})
				}
				continue
			}
			for _, t := range counted(st, x, now) {
				if (kind == "" || t.Kind == kind) && (!ofDay || t.Day == day) && part(t.Kept) {
					rows = append(rows, dueRow{id, x.Site, t.Task})
				}
			}
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	p.Only = a.dueWords(q.Get("kind"), q.Get("part"), string(who), ofDay, day, when)
	list, whole, err := listed(a, "due", rows, p.columns(a), nil)
	if err != nil || whole != nil {
		return view{file: whole}, err
	}
	p.List = list
	return view{page: "due", title: a.t("What was due"), data: p}, nil
}

// countedTasks says which of a person's tasks are looked at, and the words for it:
// those that compliance counts, or those that the first page counts of the last
// seven days, or today.
func (a *ask) countedTasks(week, today bool) (of func(*study.State, *study.Participant, time.Time) []watch.Counted, when string) {
	switch {
	case today:
		return func(st *study.State, x *study.Participant, now time.Time) []watch.Counted {
			return eachOnce(desk.DiaryToday(st, x, now))
		}, a.t("due today")
	case week:
		return func(st *study.State, x *study.Participant, now time.Time) []watch.Counted {
			if st.Locked != nil {
				return nil
			}
			return eachOnce(desk.RecentTasks(st, x, now))
		}, a.t("in the last seven days")
	}
	return watch.Tasks, ""
}

// eachOnce counts each task as due, and as come if it is complete.
func eachOnce(tasks []schedule.Task) (out []watch.Counted) {
	for _, t := range tasks {
		c := watch.Counted{Task: t, Kept: watch.Kept{Due: 1}}
		if t.State == schedule.Complete {
			c.Done = 1
			if t.Tardy {
				c.Kept.Tardy = 1
			}
		}
		out = append(out, c)
	}
	return out
}

func (a *ask) dueWords(kind, part, who string, ofDay bool, day int, when string) string {
	var says []string
	if kind != "" {
		says = append(says, a.words.coded(a.lang, "kind:", kind))
	}
	if part != "" {
		says = append(says, a.words.coded(a.lang, "part:", part))
	}
	if who != "" {
		says = append(says, who)
	}
	if ofDay {
		says = append(says, a.t("day")+" "+strings.Replace(strconv.Itoa(day), "-", "−", 1))
	}
	if when != "" {
		says = append(says, when)
	}
	return strings.Join(says, ", ")
}

func (p duePage) columns(a *ask) []listColumn[dueRow] {
	return []listColumn[dueRow]{
		{id: "code", name: "Code", text: func(r dueRow) string { return string(r.Subject) }},
		{id: "site", name: "Site", words: true, text: func(r dueRow) string { return r.Site }},
		{id: "what", name: "What", words: true, codes: "kind:", text: func(r dueRow) string { return string(r.Kind) }},
		{id: "which", name: "Which", words: true, text: func(r dueRow) string { return r.Name }, show: func(r dueRow) string { return orDash(p.Which(r)) }},
		{id: "day", name: "Day", text: func(r dueRow) string { return strconv.Itoa(r.Day) }, show: func(r dueRow) string { return strings.Replace(strconv.Itoa(r.Day), "-", "−", 1) }, order: func(x, y dueRow) int { return x.Day - y.Day }},
		{id: "date", name: "Date", text: func(r dueRow) string { return r.On.String() }},
		{id: "state", name: "State", words: true, codes: anyCode, text: func(r dueRow) string { return string(r.State) }, order: func(x, y dueRow) int {
			return slices.Index(taskStates, x.State) - slices.Index(taskStates, y.State)
		}},
		{id: "in-time", name: "Of these late", words: true, codes: anyCode, text: func(r dueRow) string { return map[bool]string{true: "late"}[r.Tardy] }, show: func(r dueRow) string {
			return orDash(map[bool]string{true: a.words.tell(a.lang, "late")}[r.Tardy])
		}},
	}
}

// taskStates are in the order in which they come about.
var taskStates = []schedule.State{schedule.Open, schedule.Late, schedule.Partial, schedule.Complete, schedule.Missed, schedule.Excused}

// Which says which visit or device it is.
func (p duePage) Which(r dueRow) string {
	switch r.Kind {
	case schedule.Visit:
		return p.Tell.Visit(r.Name)
	case schedule.Device:
		return p.Tell.words.coded(p.Tell.lang, "vendor:", r.Name)
	}
	return ""
}
