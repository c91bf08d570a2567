package person

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"dvala/civil"
	"dvala/desk"
	"dvala/instrument"
	"dvala/study"
)

func (w *world) get(t testing.TB, path string) (int, string, http.Header) {
	t.Helper()
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec.Code, rec.Body.String(), rec.Header()
}

func (w *world) post(t testing.TB, path string, form url.Values) (int, string, http.Header) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String(), rec.Header()
}

var plainPages = []string{"/me", "/me/diary", "/me/visit/day-0/isi", "/me/visit/day-0/kss", "/me/event", "/me/card", "/me/past", "/me/settings", "/me/data", "/me/leave", "/me/consent", "/me/consent/copy", "/me/install", "/me/ring", "/me/offline"}

// Every page is made in both languages, without a word that was not found, and
// with nothing that the policy forbids.
func TestPages(t *testing.T) {
	w := newWorld(t, smallTrial(), Options{})
	w.person(t)
	w.set(day(1, 7, 30))
	for _, path := range plainPages {
		for _, lang := range languages {
			status, body, head := w.get(t, path+"?lang="+lang)
			if status != 200 {
				t.Errorf("%s in %s: %d", path, lang, status)
				continue
			}
			if !strings.Contains(body, `<html lang="`+lang+`"`) {
				t.Errorf("%s is not in %s", path, lang)
			}
			if m := regexp.MustCompile(`\[[a-z]+\.[a-z.-]+\]`).FindString(body); m != "" {
				t.Errorf("%s in %s: no words for %s", path, lang, m)
			}
			if m := regexp.MustCompile(`(?i)<script(?:[^>]*)>[^<]|\son[a-z]+=|\sstyle=|https?://`).FindString(strings.ReplaceAll(body, "http://www.w3.org/", "")); m != "" {
				t.Errorf("%s: %q stands in the page", path, m)
			}
			if !strings.Contains(head.Get("Content-Security-Policy"), "script-src 'self'") {
				t.Errorf("%s has no policy", path)
			}
		}
	}
}

// Every word that a template or a script asks for is there in both languages,
// and every word that is there is asked for.
func TestWords(t *testing.T) {
	words, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, dir := range []string{"pages", "app", "."} {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f.IsDir() || strings.HasSuffix(f.Name(), "_test.go") || strings.HasSuffix(f.Name(), ".json") {
				continue
			}
			b, err := os.ReadFile(dir + "/" + f.Name())
			if err != nil {
				t.Fatal(err)
			}
			source.Write(b)
		}
	}
	text := source.String()
	for key, of := range words.of {
		for _, lang := range languages {
			if strings.TrimSpace(of[lang]) == "" {
				t.Errorf("%s has no text in %s", key, lang)
			}
		}
		if fmt.Sprint(holes(of["en"])) != fmt.Sprint(holes(of["sv"])) {
			t.Errorf("%s fills in other things in Swedish than in English", key)
		}
		bare := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(key, "js."), ".one"), ".many")
		stem := bare[:strings.LastIndex(bare, ".")+1]
		if !strings.Contains(text, `"`+bare+`"`) && !strings.Contains(text, `"`+stem) && !strings.Contains(text, `"js.`+stem) && !strings.Contains(text, `"ask."`) {
			t.Errorf("nothing says %s", key)
		}
	}
	for _, m := range regexp.MustCompile(`\b(?:t|n|count) "([a-z][a-z0-9.-]+)"|\b(t|count)\("([a-z][a-z0-9.-]+)"`).FindAllStringSubmatch(text, -1) {
		key := m[1]
		if strings.HasSuffix(m[0], `."`) {
			continue // the beginning of one
		}
		if key == "" {
			key = "js." + m[3]
		}
		_, one := words.of[key]
		_, many := words.of[key+".many"]
		if !one && !many {
			t.Errorf("no words for %s", key)
		}
	}
}

func holes(s string) map[string]bool {
	out := map[string]bool{}
	for _, h := range regexp.MustCompile(`\{[a-z]+\}`).FindAllString(s, -1) {
		out[h] = true
	}
	return out
}

func night(date string) url.Values {
	return url.Values{
		"night": {date}, "key": {"k-" + date}, "a.into-bed": {"22:30"}, "a.tried-to-sleep": {"23:00"}, "a.sol": {"20"}, "a.wakings": {"0"},
		"a.final-waking": {"06:30"}, "a.out-of-bed": {"07:00"}, "n.quality": {"not-sure"},
	}
}

// A diary sent as a form is filed once, with its receipt; "not sure" is kept as
// that, and what was left empty is missing.
func TestDiaryAsAForm(t *testing.T) {
	w := newWorld(t, smallTrial(), Options{})
	who := w.person(t)
	w.set(day(1, 7, 42))
	status, _, head := w.post(t, "/me/diary", night("2026-03-03"))
	if status != http.StatusSeeOther {
		t.Fatal("not taken:", status)
	}
	_, receipt, _ := w.get(t, head.Get("Location"))
	if !strings.Contains(receipt, "Sparat 07:42") {
		t.Error("no receipt with the time")
	}
	again, _, _ := w.post(t, "/me/diary", night("2026-03-03"))
	if again != http.StatusSeeOther {
		t.Error("sending it again is not taken quietly:", again)
	}
	w.state(func(s *study.State) {
		r := s.People[who].Diary[civil.On(2026, 3, 3)]
		if r == nil {
			t.Fatal("no diary")
		}
		if !r.Answers["quality"].IsNotSure() {
			t.Error("not sure was lost")
		}
		if _, there := r.Answers["comments"]; there {
			t.Error("an empty answer was sent")
		}
		if s.People[who].Subject != who || len(s.People[who].Diary) != 1 {
			t.Error("filed more than once")
		}
	})
	_, body, _ := w.get(t, "/me/diary?night=2026-03-03")
	if strings.Contains(body, "<form") {
		t.Error("a night that is filled in is offered again")
	}
}

// A night that seems wrong is asked about once, with a proposal; what is then
// confirmed stands.
func TestSecondLook(t *testing.T) {
	w := newWorld(t, smallTrial(), Options{})
	who := w.person(t)
	w.set(day(1, 7, 42))
	f := night("2026-03-03")
	f.Set("a.into-bed", "11:00")
	status, body, _ := w.post(t, "/me/diary", f)
	if status != 200 || !strings.Contains(body, "Menade du 23:00?") {
		t.Error("a slip of twelve hours is not asked about:", status)
	}
	if !strings.Contains(body, `value="11:00"`) {
		t.Error("what was written is gone")
	}
	f.Set("sure", "yes")
	if status, _, _ = w.post(t, "/me/diary", f); status != http.StatusSeeOther {
		t.Error("what is confirmed is not taken:", status)
	}
	w.state(func(s *study.State) {
		if c, _ := s.People[who].Diary[civil.On(2026, 3, 3)].Answers["into-bed"].Clock(); c != 11*60 {
			t.Error("what was confirmed was changed")
		}
	})
}

// A device's queue: each entry is taken once, in order, and one that is refused
// keeps no other from being taken.
func TestEntries(t *testing.T) {
	w := newWorld(t, smallTrial(), Options{})
	who := w.person(t)
	w.set(day(1, 8, 0))
	answers := instrument.Answers{"into-bed": instrument.Said("23:00")}
	data := func(night string) json.RawMessage {
		return json.RawMessage(`{"instrument":"csd","night":"` + night + `","language":"sv","answers":` + string(asJSON(answers)) + `}`)
	}
	send := func(entries ...desk.Submitted) []result {
		body := asJSON(map[string]any{"entries": entries})
		r := httptest.NewRequest(http.MethodPost, "/me/entries", strings.NewReader(string(body)))
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		var out struct{ Results []result }
		if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
			b, _ := io.ReadAll(rec.Body)
			t.Fatal(rec.Code, string(b), err)
		}
		return out.Results
	}
	batch := []desk.Submitted{
		{Key: "e1", Do: "answer", Data: data("2026-03-09"), Zone: "Europe/Stockholm"}, // still to come
		{Key: "e2", Do: "answer", Data: data("2026-03-03"), Zone: "Nowhere/At all"},
		{Key: "e3", Do: "lock", Data: json.RawMessage(`{}`)},
		{Key: "", Do: "answer", Data: data("2026-03-03")},
	}
	first, second := send(batch...), send(batch...)
	for i, want := range []string{"refused", "saved", "refused", "held"} {
		if first[i].State != want {
			t.Errorf("entry %d: %+v, want %s", i, first[i], want)
		}
	}
	if second[1].State != "repeated" || second[1].Entry != first[1].Entry {
		t.Errorf("sent again: %+v", second[1])
	}
	if first[0].Text == "" || strings.Contains(first[0].Text, "[") {
		t.Errorf("a refusal is not told: %+v", first[0])
	}
	w.state(func(s *study.State) {
		if len(s.People[who].Diary) != 1 {
			t.Error("the diary holds", len(s.People[who].Diary))
		}
	})
}

func asJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// Nobody but the person sees or writes what is hers; whoever is nobody is led
// to where one comes in.
func TestOnlyHerOwn(t *testing.T) {
	w := newWorld(t, smallTrial(), Options{})
	w.person(t)
	w.as(desk.Caller{})
	for _, path := range []string{"/me", "/me/diary", "/me/card", "/me/past"} {
		if status, _, head := w.get(t, path); status != http.StatusSeeOther || head.Get("Location") != "/sign-in" {
			t.Errorf("%s to nobody: %d", path, status)
		}
	}
	if status, _, _ := w.post(t, "/me/entries", nil); status != http.StatusUnauthorized {
		t.Error("entries of nobody:", status)
	}
	w.as(desk.Caller{Account: "anna", Grants: []desk.Grant{{Role: study.RoleCoordinator}}})
	if status, _, _ := w.get(t, "/me"); status != http.StatusSeeOther {
		t.Error("a coordinator sees a participant's page:", status)
	}
}

// While the trial is blinded the person's own entries are told as having come,
// and nothing of what they say.
func TestNoFeedbackWhileBlinded(t *testing.T) {
	w := newWorld(t, smallTrial(), Options{})
	w.person(t)
	w.set(day(1, 7, 42))
	w.post(t, "/me/diary", night("2026-03-03"))
	_, body, _ := w.get(t, "/me/past?lang=en")
	if strings.Contains(body, "22:30") || strings.Contains(body, "Asleep") || !strings.Contains(body, "Tuesday 3 March") {
		t.Error("the list of entries says more or less than that they came")
	}
	if want := "Receipt no. " + w.lastEntry() + ", Tuesday 3 March 07:42"; !strings.Contains(body, want) {
		t.Errorf("the list does not say %q", want)
	}
	w.post(t, "/me/event", url.Values{"key": {"k-event"}, "words": {"A headache"}, "onset": {"2026-03-03"}, "severity": {"mild"}})
	if _, body, _ := w.get(t, "/me/past?lang=sv"); !strings.Contains(body, "Kvitto nr "+w.lastEntry()+", tisdag 3 mars 07:42") || strings.Contains(body, "A headache") {
		t.Error("what has happened has no receipt, or is told in her words")
	}
}

// Her hours are facts of the trial: what she changes is changed once, and what
// she leaves is not told again.
func TestSettings(t *testing.T) {
	w := newWorld(t, smallTrial(), Options{})
	who := w.person(t)
	w.set(day(1, 9, 0))
	form := url.Values{
		"key": {"s1"}, "wake": {"05:30"}, "zone": {"Europe/Lisbon"}, "morning": {"06:00"}, "quiet_from": {"21:00"}, "quiet_to": {"05:30"}, "mail": {"yes"},
	}
	if status, _, _ := w.post(t, "/me/settings?lang=en", form); status != http.StatusSeeOther {
		t.Fatal("not saved:", status)
	}
	var entries uint64
	w.state(func(s *study.State) {
		p := s.People[who]
		r := p.Reminders(civil.On(2026, 3, 3))
		if p.WakeOn(civil.On(2026, 3, 3)) != 330 || r.Morning != 360 || fmt.Sprint(r.Channels) != "[mail]" || r.Language != "en" || r.Quiet != (study.Quiet{From: 1260, To: 330}) {
			t.Errorf("kept: %+v", r)
		}
		entries = s.Entries
	})
	w.post(t, "/me/settings?lang=en", form) // sent twice
	_, body, _ := w.get(t, "/me/settings?lang=en")
	if !strings.Contains(body, `value="Europe/Lisbon"`) || !strings.Contains(body, `value="05:30"`) {
		t.Error("the page does not show what was kept")
	}
	w.state(func(s *study.State) {
		if s.Entries != entries {
			t.Errorf("%d entries more from sending it again", s.Entries-entries)
		}
	})
	form.Set("zone", "Nowhere/Here")
	form.Set("key", "s2")
	form.Set("wake", "04:45")
	for _, page := range []string{"/me/settings?lang=en", "/me/hours?lang=en"} { // at its field, and what was typed stands
		status, body, _ := w.post(t, page, form)
		for _, want := range []string{`<p class="problem" id="p-zone">That is not a time zone`, `value="Nowhere/Here"`, `value="04:45"`, `value="06:00"`, `value="21:00"`, `name="mail" value="yes" checked`} {
			if status != http.StatusUnprocessableEntity || !strings.Contains(body, want) {
				t.Errorf("%s, a zone that is none: %d, and not %q", page, status, want)
			}
		}
	}
	form.Set("wake", "soon")
	if _, body, _ := w.post(t, "/me/settings?lang=en", form); strings.Count(body, `class="problem" id=`) != 2 {
		t.Error("two things are wrong, and not two are told")
	}
}

// A form that lacks something keeps the rest: what happened, and what somebody
// wants to leave and why.
func TestNothingTypedIsLost(t *testing.T) {
	w := newWorld(t, smallTrial(), Options{})
	w.person(t)
	w.set(day(3, 9, 0))
	event := url.Values{"key": {"e1"}, "words": {""}, "onset": {"2026-03-03"}, "severity": {"moderate"}, "outcome": {"recovering"}, "serious": {"yes"}}
	kept := []string{`value="2026-03-03"`, `value="moderate" checked`, `value="recovering" checked`, `name="serious" value="yes" checked`}
	look := func(path string, form url.Values, want ...string) {
		t.Helper()
		status, body, _ := w.post(t, path, form)
		for _, x := range want {
			if status != http.StatusUnprocessableEntity || !strings.Contains(body, x) {
				t.Errorf("%s: %d, without %q", path, status, x)
			}
		}
	}
	look("/me/event?lang=en", event, kept...)
	event.Set("words", "A headache")
	event.Set("onset", "2027-01-01")
	look("/me/event?lang=en", event, append(kept[1:], "A headache</textarea>", `value="2027-01-01"`, "That day is still to come.")...)
	look("/me/leave?lang=en", url.Values{"key": {"l1"}, "from": {"follow-up"}, "why": {"no-time"}}, `value="follow-up" checked`, `<option value="no-time" selected>`, "Tick the box")
}
