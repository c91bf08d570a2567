package ui

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// speaker puts what the ledger says into a reader's words: phrases and codes from
// the catalogue, names from the trial's own files, dates and numbers as she
// writes them.
type speaker struct {
	words *catalogue
	lang  string
	zone  *time.Location
	names map[desk.Named]string
	items map[string]*instrument.Item // by the field that a correction names
	place map[string]int              // of a field among those it is asked with
}

// doubt is the sort of a query rule's own question, in names.
const doubt = "doubt"

// speaker gives one for the asker. Whoever may not see the protocol hears IDs. It
// looks at the state itself, so it is asked for before that is looked at.
func (a *ask) speaker() *speaker {
	if a.tells != nil {
		return a.tells
	}
	s := &speaker{words: a.words, lang: a.lang, zone: time.UTC, names: map[desk.Named]string{}, items: map[string]*instrument.Item{}, place: map[string]int{}}
	// Refused, there are no names; that is no error of the page.
	_ = a.Office.See(a.r.Context(), a.caller, "see-protocol", "", func(st *study.State) error {
		s.zone = st.Protocol.Zone()
		for _, v := range st.Versions() {
			s.learn(st, v.Protocol())
		}
		return nil
	})
	a.tells = s
	return s
}

// learn takes the names of a version of the protocol.
func (s *speaker) learn(st *study.State, p protocol.Protocol) {
	in := func(t protocol.Text) string { return t.In(protocol.Language(s.lang)) }
	for _, x := range p.Sites {
		s.names[desk.Named{Sort: "site", ID: x.ID}] = x.Name
	}
	for _, c := range slices.Concat(p.Population.Include, p.Population.Exclude) {
		s.names[desk.Named{Sort: "criterion", ID: c.ID}] = in(c.Show)
	}
	for _, q := range p.Queries {
		s.names[desk.Named{Sort: doubt, ID: q.ID}] = in(q.Show)
	}
	asked := map[string]bool{}
	for _, v := range p.Visits {
		s.names[desk.Named{Sort: "visit", ID: v.ID}] = in(v.Label)
		for _, id := range v.Instruments {
			asked[id] = true
		}
	}
	if p.Diary != nil {
		asked[p.Diary.Instrument] = true
	}
	for id := range asked {
		s.learnItems(st, id)
	}
	for i, q := range p.Population.Screening {
		s.names[desk.Named{Sort: "field", ID: "answers." + q.Name}] = in(q.Label)
		s.place["answers."+q.Name] = i
	}
}

func (s *speaker) learnItems(st *study.State, id string) {
	d, ok := st.Instrument(instrument.ID(id), "")
	if !ok {
		return
	}
	s.learnForm(d)
}

func (s *speaker) learnForm(d *instrument.Definition) {
	s.names[desk.Named{Sort: "instrument", ID: string(d.ID)}] = d.Title.In(s.lang)
	for i := range d.Items {
		it := &d.Items[i]
		field := "answers." + string(it.ID)
		s.items[field], s.place[field] = it, i
		s.names[desk.Named{Sort: "field", ID: field}] = it.Topic.In(s.lang)
	}
}

// Line says what an event says, its parts parted by points.
func (s *speaker) Line(of desk.Said) string {
	parts := make([]string, len(of))
	for i, p := range of {
		parts[i] = s.part(p)
	}
	return strings.Join(parts, " · ")
}

func (s *speaker) part(p desk.Part) string {
	values := make([]any, len(p.Values))
	field := ""
	for i, v := range p.Values {
		if f, is := v.(desk.Named); is && f.Sort == "field" {
			field = f.ID
		}
		values[i] = s.value(v, field)
	}
	return s.words.say(s.lang, p.Phrase, values...)
}

// value says one value; field is the one whose values these are, of a correction.
func (s *speaker) value(v any, field string) string {
	switch x := v.(type) {
	case desk.Code:
		return s.words.coded(s.lang, x.Sort+":", x.Code)
	case desk.Named:
		return s.name(x)
	case json.RawMessage:
		return s.Given(field, string(x))
	case string:
		if x == desk.Erased || x == desk.Withheld {
			return s.words.say(s.lang, x)
		}
		return x
	case int:
		return number(s.lang, float64(x))
	case uint64:
		return strconv.FormatUint(x, 10) // an entry is called by its number, as in its address
	case float64:
		return number(s.lang, x)
	case civil.Date:
		return shortDate(s.lang, x)
	case time.Time:
		d := x.In(s.zone)
		return shortDate(s.lang, civil.DateOf(d)) + d.Format(" 15:04")
	case []any:
		words := make([]string, len(x))
		for i, w := range x {
			words[i] = s.value(w, field)
		}
		return strings.Join(words, ", ")
	}
	return desk.English(v)
}

// Field says what a correction's field is called.
func (s *speaker) Field(field string) string {
	if field == "" {
		return ""
	}
	return s.name(desk.Named{Sort: "field", ID: field})
}

// Visit and Site say what these are called.
func (s *speaker) Visit(id string) string { return s.name(desk.Named{Sort: "visit", ID: id}) }
func (s *speaker) Site(id string) string  { return s.name(desk.Named{Sort: "site", ID: id}) }

// Criterion says the sentence of one.
func (s *speaker) Criterion(id string) string { return s.name(desk.Named{Sort: "criterion", ID: id}) }

// Instrument says its title.
func (s *speaker) Instrument(id string) string {
	return s.name(desk.Named{Sort: "instrument", ID: id})
}

// Note says a note: the program's own sentences in the reader's words.
func (s *speaker) Note(text string) string { return s.part(desk.Note(text)) }

// Asked says what a query asks: by the rule that raised it, where it has words of
// its own in the protocol.
func (s *speaker) Asked(rule string, text study.Words) string {
	if own := s.names[desk.Named{Sort: doubt, ID: rule}]; own != "" {
		return own
	}
	return s.Note(string(text))
}

// name says what the trial's files call something.
func (s *speaker) name(n desk.Named) string {
	if text := s.names[n]; text != "" {
		return text
	}
	switch {
	case n.Sort == "stratum":
		return s.words.stratum(s.lang, desk.Stratum(n.ID))
	case n.Sort == "field" && !strings.HasPrefix(n.ID, "answers."):
		return s.words.coded(s.lang, "field:", n.ID)
	}
	return strings.TrimPrefix(n.ID, "answers.")
}

// fieldWords are the sorts of words that stand in a field, where they are of a
// fixed set.
var fieldWords = map[string]string{
	"severity": "severity:", "related": "related:", "outcome": "outcome:", "expected": "expected:", "action": "action:", "whose": "whose:",
	"consequence": "consequence:", "category": "category:", "event": "event:", "code": "deviation:", "why": "why:", "what": "incident:", "criteria": "criterion:",
}

// Given says the value of a field as it stands in JSON.
func (s *speaker) Given(field, raw string) string {
	var v any
	if json.Unmarshal([]byte(raw), &v) != nil {
		return raw
	}
	switch x := v.(type) {
	case nil:
		return "–"
	case bool:
		return s.words.say(s.lang, map[bool]string{true: "yes", false: "no"}[x])
	case float64:
		return s.amount(field, x)
	case string:
		return s.worded(field, x)
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			b, _ := json.Marshal(e) // it was JSON
			parts[i] = s.Given(field, string(b))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		switch x["none"] {
		case "not-sure":
			return s.words.say(s.lang, "not sure")
		case "declined":
			return s.words.say(s.lang, "would rather not say")
		}
	}
	return raw
}

// was is Given of what may never have been there.
func (s *speaker) was(field string, raw json.RawMessage) string {
	if raw == nil {
		return ""
	}
	return s.Given(field, string(raw))
}

func (s *speaker) amount(field string, x float64) string {
	if it := s.items[field]; it != nil && it.Kind == instrument.YesNo {
		return s.words.say(s.lang, map[bool]string{true: "yes", false: "no"}[x == 1])
	}
	return s.measure(s.items[field], x)
}

// measure writes a number with the words that its item has for it, or its unit.
func (s *speaker) measure(it *instrument.Item, x float64) string {
	text := number(s.lang, x)
	if it == nil {
		return text
	}
	for _, a := range it.Anchors {
		if float64(a.At) == x {
			return text + " (" + a.Text.In(s.lang) + ")"
		}
	}
	if it.Unit != "" {
		return text + "\u00a0" + s.words.say(s.lang, it.Unit)
	}
	return text
}

func (s *speaker) worded(field, text string) string {
	if it := s.items[field]; it != nil {
		for _, c := range it.Choices {
			if c.Code == text {
				return c.Text.In(s.lang)
			}
		}
		return text
	}
	if _, asked := s.place[field]; asked { // at screening: one of the protocol's levels
		return s.words.tell(s.lang, text)
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return s.value(at, field)
	}
	if d, err := civil.ParseDate(text); err == nil {
		return shortDate(s.lang, d)
	}
	if sort := fieldWords[field]; sort != "" {
		return s.words.coded(s.lang, sort, text)
	}
	return s.value(text, field)
}

// number writes a number with at most two decimals as a language does: 3,600.5
// and 3 600,5.
func number(lang string, x float64) string {
	x = math.Round(x*100) / 100
	whole, part, _ := strings.Cut(strconv.FormatFloat(math.Abs(x), 'f', -1, 64), ".")
	group, point := ",", "."
	if lang == "sv" {
		group, point = "\u00a0", ","
	}
	for at := len(whole) - 3; at > 0 && len(whole) > 4; at -= 3 {
		whole = whole[:at] + group + whole[at:]
	}
	if part != "" {
		whole += point + part
	}
	if x < 0 {
		return "−" + whole
	}
	return whole
}

var (
	shortMonths   = strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
	shortMonthsSV = strings.Fields("jan feb mars april maj juni juli aug sep okt nov dec")
)

// shortDate writes a date within a line: 24 Nov 2026.
func shortDate(lang string, d civil.Date) string {
	if d.IsZero() {
		return "–"
	}
	month := shortMonths[d.Month-1]
	if lang == "sv" {
		month = shortMonthsSV[d.Month-1]
	}
	return strconv.Itoa(d.Day) + "\u00a0" + month + "\u00a0" + strconv.Itoa(d.Year)
}
