package protocol

import (
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
)

// checker looks for what is wrong between fields, once each is well formed. It
// also fills in what is derived: levels, cells, compiled criteria.
type checker struct {
	*checked
	instruments func(instrument.ID) (*instrument.Definition, bool)
	form        fault.List // what the binder found: its places are not looked at again
	problems    fault.List
}

func (k *checker) all() {
	k.languages()
	k.texts(reflect.ValueOf(k.p), "")
	k.zoneAndDates()
	k.registry()
	k.design()
	k.armNames()
	k.population()
	k.consent()
	k.rules()
	k.randomisation()
	k.visits()
	k.recall()
	k.daily()
	k.outcomes()
	k.estimands()
	k.multiplicity()
	k.habits()
	k.queries()
	k.conduct()
	k.spiritKeys()
}

// add reports a problem at a place, unless the binder already did there, above
// or below.
func (k *checker) add(code fault.Code, place, format string, args ...any) *fault.Problem {
	p := fault.New(code, place, format, args...).At(k.line(place))
	if k.misshapen(place) {
		return p
	}
	return k.problems.Add(p)
}

// warn reports a weakness.
func (k *checker) warn(code fault.Code, place, format string, args ...any) *fault.Problem {
	return k.add(code, place, format, args...).AsWarning()
}

// misshapen says whether the binder found a problem at, above or below a place.
func (k *checker) misshapen(place string) bool {
	return slices.ContainsFunc(k.form, func(p *fault.Problem) bool {
		return within(p.Place, place) || within(place, p.Place)
	})
}

// within says whether a place is another or lies in it.
func within(place, outer string) bool {
	rest, ok := strings.CutPrefix(place, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[' || outer == "")
}

// line gives the line of a place, or of the nearest place around it that the
// file has.
func (k *checker) line(place string) int {
	for {
		if n, ok := k.lines[place]; ok {
			return n
		}
		i := strings.LastIndexAny(place, ".[")
		if i < 0 {
			return k.lines[""]
		}
		place = place[:i]
	}
}

// at gives the place of a list's entry: arms[0], or arms[0].ratio.
func at(list string, i int, field ...string) string {
	place := list + "[" + strconv.Itoa(i) + "]"
	for _, f := range field {
		place += "." + f
	}
	return place
}

// unique reports the second of two entries with one ID.
func (k *checker) unique(list, field string, ids []string) {
	first := map[string]int{}
	for i, id := range ids {
		if j, ok := first[id]; ok && id != "" {
			k.add("duplicate-id", at(list, i, field), "%q is the name of %s already", id, at(list, j))
			continue
		}
		first[id] = i
	}
}

// What is said of a name that several fields may hold.
const (
	noVisit    = "there is no visit %q"
	noArm      = "there is no arm %q"
	noOutcome  = "there is no outcome %q"
	noQuestion = "there is no screening question %q"
)

// unknown reports a name that refers to nothing, unless the list it refers to
// is itself misshapen. The format is of the message, with a place for the name.
func (k *checker) unknown(code fault.Code, place, list, format, name string, known []string) {
	if name == "" || k.misshapen(list) {
		return
	}
	p := k.add(code, place, format, clip(name))
	if near := nearest(name, known); near != "" {
		p.WithHint("did you mean %s?", near)
	} else if len(known) > 0 {
		p.WithHint("there are %s", strings.Join(known, ", "))
	}
}

func (k *checker) languages() {
	for i, l := range k.p.Languages {
		place := at("languages", i)
		if slices.Contains(k.p.Languages[:i], l) {
			k.add("duplicate-id", place, "%q stands here twice", l)
			continue
		}
		if _, err := language.Parse(string(l)); err != nil {
			k.add("language-unknown", place, "%q is not the tag of a language", clip(string(l))).WithHint("as in en or sv")
		} else if l != "en" && l != "sv" {
			k.add("language-unknown", place, "a participant's pages exist in English and Swedish, not in %q", l).
				WithHint("write en, sv, or both")
		}
	}
}

// texts looks at every sentence in the protocol: it must be there in each of
// the protocol's languages and in no other.
func (k *checker) texts(v reflect.Value, place string) {
	if t, ok := v.Interface().(Text); ok {
		k.text(t, place)
		return
	}
	if n, ok := v.Interface().(Notice); ok {
		if _, plain := n.plain(); len(n) > 0 && !plain {
			k.text(Text(n), place)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			k.texts(v.Elem(), place)
		}
	case reflect.Slice:
		for i := range v.Len() {
			k.texts(v.Index(i), place+"["+strconv.Itoa(i)+"]")
		}
	case reflect.Struct:
		fields := fieldsOf(v.Type())
		for _, name := range names(v.Type()) {
			k.texts(v.Field(fields[name].index), join(place, name))
		}
	}
}

func (k *checker) text(t Text, place string) {
	if k.misshapen("languages") {
		return
	}
	for _, l := range k.p.Languages {
		if t[l] == "" && (l == "en" || l == "sv") {
			k.add("text-missing", place, "there is no text in %q", l)
		}
	}
	extra := make([]string, 0, len(t))
	for l := range t {
		if !slices.Contains(k.p.Languages, l) {
			extra = append(extra, string(l))
		}
	}
	sort.Strings(extra)
	for _, l := range extra {
		k.add("text-language", join(place, l), "%q is not one of the protocol's languages", clip(l))
	}
}

func (k *checker) zoneAndDates() {
	zone, err := civil.Zone(k.p.Zone)
	if err != nil && k.p.Zone != "" {
		k.add("zone-unknown", "zone", "%q is not a time zone", clip(k.p.Zone)).WithHint("use an IANA name, as in Europe/Stockholm")
	}
	k.zone = zone
	d := k.p.Dates
	if d.End.IsZero() || d.Start.IsZero() {
		return
	}
	if least := k.p.Design.RunInDays + (Checked{k.checked}).LastDay(); d.End.Sub(d.Start) < least {
		k.add("dates-short", "dates.end", "the trial ends %d days after its first participant, and one participant takes %d",
			d.End.Sub(d.Start), least)
	}
}

func (k *checker) registry() {
	if len(k.p.Registry) == 0 {
		k.warn("unregistered", "registry", "the trial is in no public registry").
			WithHint("register it before the first participant; journals that follow ICMJE ask for it")
		return
	}
	var first civil.Date
	at0 := 0
	for i, r := range k.p.Registry {
		if r.Registered.IsZero() {
			continue
		}
		if first.IsZero() || r.Registered.Before(first) {
			first, at0 = r.Registered, i
		}
	}
	start := k.p.Dates.Start
	switch {
	case first.IsZero():
		k.warn("registration-undated", "registry[0].registered", "the registration has no date, so nobody can see that it came first")
	case !start.IsZero() && start.Before(first):
		k.warn("registered-late", at("registry", at0, "registered"), "the trial was registered %d days after its first participant", first.Sub(start)).
			WithHint("a registration after the first participant does not show that the outcomes were chosen before the data")
	}
}

// conduct checks what is said of blinding, safety, looks at the data, and who
// holds the key.
func (k *checker) conduct() {
	if k.p.Interim != nil {
		k.add("interim-refused", "interim", "an interim analysis is refused: it opens the list while the trial runs, and its error rate wants a design that this version has not").
			WithHint("take the field out; a blinded review of the variance needs no look at the arms")
	}
	b := k.p.Blinding
	masked := slices.Contains(b.Who, "participants")
	switch {
	case b.GuessVisit != "":
		if _, ok := (Checked{k.checked}).Visit(b.GuessVisit); !ok {
			k.unknown("visit-unknown", "blinding.guess_visit", "visits", noVisit, b.GuessVisit, k.visitIDs())
		}
	case masked:
		k.warn("blinding-unasked", "blinding", "participants are said not to know their arm, and nobody asks them at the end which they think it was").
			WithHint("name a late visit as guess_visit")
	}
	if !masked {
		k.warn("open-label", "blinding.who", "participants know their arm, and answers about one's own sleep follow what one believes")
	}
	k.reachable()
	k.custodian()
}
