package person

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/estimate"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// given results: what an analysis of her trial came to, as results.json has it.
type givenResults struct {
	trial *desktest.Memory
	r     estimate.Results
}

func (g givenResults) Analysed(context.Context) (out study.Reported, err error) {
	raw, err := g.r.JSON()
	if err == nil {
		out.Results, err = g.trial.PutBlob("results.json", raw)
	}
	if err == nil {
		out.Report, err = g.trial.PutBlob("report.html", []byte("<!doctype html><title>Report</title>"))
	}
	return out, err
}

// ownWorld is the example's person, who runs her trial, at a stage of it.
func ownWorld(t testing.TB, until desk.Stage) *world {
	t.Helper()
	w := newWorld(t, filepath.Join("..", "..", "examples", "nof1", "protocol.yaml"), Options{})
	w.parts.Analyst = givenResults{w.trial, ownEstimates(0.8, 0.2, 1.4)}
	w.restart(t)
	begin := time.Date(2027, 1, 11, 8, 0, 0, 0, time.UTC)
	w.set(begin)
	who := w.trial.Do(t, study.Screen{Site: "home", Answers: protocol.Answers{
		"age": protocol.Int(41), "isi": protocol.Int(12), "kidney_disease": protocol.Bool(false), "can_keep_boxes_shut": protocol.Bool(true),
	}}, begin, "")
	w.trial.Do(t, study.Consent{Version: "1.0", Language: "sv"}, begin, who)
	w.trial.Do(t, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, begin, who)
	w.as(desk.Participant(who))
	day := func(n int) { w.set(begin.AddDate(0, 0, n)) }
	if day(7); until == desk.ToDraw {
		return w
	}
	w.own(t, "draw", url.Values{"ready": {"yes"}})
	w.own(t, "box", url.Values{"do": {"opened"}, "visit": {"box-1"}})
	if until == desk.UnderWay {
		day(7 + 7)
		return w
	}
	for n := 2; n <= 8; n++ {
		day(7 + 11*(n-1) - 4)
		w.own(t, "box", url.Values{"do": {"counted"}, "visit": {"end-" + string(rune('0'+n-1))}, "left": {"0"}})
		w.guess(t, n-1)
		day(7 + 11*(n-1))
		w.own(t, "box", url.Values{"do": {"opened"}, "visit": {"box-" + string(rune('0'+n))}})
	}
	day(7 + 84)
	w.own(t, "box", url.Values{"do": {"counted"}, "visit": {"end-8"}, "left": {"2"}})
	w.guess(t, 8)
	w.trial.Do(t, study.Answer{Instrument: w.diaryOf(), Night: civil.DateOf(w.clock()), Language: "sv", Answers: desktest.JSON(instrument.Answers{
		"into-bed": instrument.At(22 * 60), "tried-to-sleep": instrument.At(23 * 60), "sol": instrument.Number(10), "final-waking": instrument.At(6 * 60), "out-of-bed": instrument.At(7 * 60),
	})}, w.clock(), who)
	if day(7 + 88); until == desk.ToClose {
		return w
	}
	w.own(t, "close", url.Values{"name": {"Ida Ek"}})
	if until == desk.ToOpen {
		return w
	}
	raw, err := w.trial.Blob(w.trial.Openings().SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.office.Bring(context.Background(), w.caller(), raw, "bring"); err != nil {
		t.Fatal(err)
	}
	return w
}

// own sends one of the forms of her trial, which leads on.
func (w *world) own(t testing.TB, form string, of url.Values) {
	t.Helper()
	of.Set("key", form+"-"+of.Get("do")+of.Get("visit"))
	if status, body, _ := w.post(t, "/me/trial/"+form, of); status != http.StatusSeeOther {
		t.Fatalf("%s on %v: %d\n%s", form, w.clock(), status, body)
	}
}

func (w *world) guess(t testing.TB, box int) {
	t.Helper()
	said := []string{"active", "comparator", "dont-know"}[box%3]
	w.trial.Do(t, study.Answer{Instrument: "guess", Visit: "end-" + string(rune('0'+box)), Language: "sv", Answers: desktest.JSON(instrument.Answers{
		"arm": instrument.Said(said), "confidence": instrument.Number(2),
	})}, w.clock(), w.caller().Subject)
}

// ownEstimates is what an analysis came to, with a difference and its interval.
func ownEstimates(x, low, high float64) estimate.Results {
	matters := 0.5
	var periods []estimate.PeriodMean
	for i, m := range []float64{3.9, 3.1, 2.9, 3.8, 3.7, 3.2, 3.0, 3.6} {
		arm := "cellulose-filler"
		if m > 3.5 {
			arm = "bisglycinate-200mg"
		}
		periods = append(periods, estimate.PeriodMean{Period: i + 1, Cycle: i/2 + 1, Arm: arm, FirstDay: 11*i + 1, N: 6, Mean: &m})
	}
	primary := estimate.Result{
		ID: "own-quality", Place: protocol.Primary, Label: "Sleep quality in the diary", Unit: "points", Better: protocol.Higher, Estimate: &x, Low: &low, High: &high, Level: 0.95, Matters: &matters,
		Terms:  []estimate.Term{{Name: "from the differences within her 4 cycles alone (t)", Estimate: x, Low: low - 0.2, High: high + 0.2}},
		People: []estimate.PersonEffect{{Subject: "P0001", Periods: periods}},
	}
	y, l, h := -2.0, -7.5, 3.5
	second := estimate.Result{ID: "own-latency", Place: "exploratory", Label: "Time to fall asleep by the diary", Unit: "min", Better: protocol.Lower, Estimate: &y, Low: &l, High: &h, Level: 0.95}
	return estimate.Results{Format: 1, Estimands: []estimate.Result{primary, second}}
}

// Whoever runs her trial is led from one step to the next on her own pages, in
// words that name no role; nobody else has these pages.
func TestOwnTrialLeadsOn(t *testing.T) {
	w := ownWorld(t, desk.ToDraw)
	holds := func(path string, all ...string) {
		t.Helper()
		_, body, _ := w.get(t, path+"?lang=sv")
		for _, want := range all {
			if !strings.Contains(body, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
		if _, main, _ := strings.Cut(body, "<main"); strings.Contains(strings.ToLower(main), "koordinator") || strings.Contains(strings.ToLower(main), "konto") {
			t.Errorf("%s speaks of roles", path)
		}
	}
	holds("/me", "Till lottningen", "Min prövning")
	if status, body, _ := w.post(t, "/me/trial/draw", url.Values{"key": {"d"}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, "Utan dem lottas inget") {
		t.Error("it is drawn without the boxes:", status)
	}
	if status, _, _ := w.post(t, "/me/trial/close", url.Values{"key": {"d"}, "name": {"Ida"}}); status != http.StatusUnprocessableEntity {
		t.Error("it is ended before it began:", status)
	}
	w = ownWorld(t, desk.UnderWay)
	holds("/me", "Ask 1 är slut")
	holds("/me/trial", "Hur många är kvar? (kapslar)", "öppnas")
	w = ownWorld(t, desk.ToClose)
	holds("/me", "Avsluta och se hur det gick")
	holds("/me/trial", "Här är du alla")
	w = ownWorld(t, desk.ToOpen)
	holds("/me/trial", "ledger.dvl", "openings.dvl")
	if status, body, head := w.get(t, "/me/trial/ledger"); status != 200 || len(body) < 1000 || !strings.Contains(head.Get("Content-Disposition"), "ledger.dvl") {
		t.Error("the helper's file:", status, len(body))
	}
	w.as(desk.Participant("P0009"))
	if status, _, _ := w.get(t, "/me/trial"); status == 200 {
		t.Error("somebody else sees it")
	}
	other := newWorld(t, smallTrial(), Options{})
	other.person(t)
	if status, _, _ := other.get(t, "/me/trial"); status != http.StatusNotFound {
		t.Error("a trial that staff run has the page:", status)
	}
	if _, body, _ := other.get(t, "/me"); strings.Contains(body, "/me/trial") {
		t.Error("a trial that staff run leads to it")
	}
}

// The answer is told in her language with what it allows and what it rules out,
// whichever way the outcome gets better.
func TestOwnAnswerInWords(t *testing.T) {
	w := ownWorld(t, desk.Told)
	_, body, _ := w.get(t, "/me/past?lang=sv")
	for _, want := range []string{"0,8 poäng högre med Magnesium än med Placebo (95-procentigt intervall 0,2 till 1,4)", "Alltså hjälper Magnesium dig. Om det är så mycket", "Du gissade: Magnesium", "own-effect", "own-boxes", "Insomningstid enligt dagboken:"} {
		if !strings.Contains(body, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	for _, x := range []struct {
		est, low, high float64
		better         protocol.Better
		want           string
	}{
		{0.8, 0.6, 1.0, protocol.Higher, "own.read.enough"},
		{0.8, 0.2, 1.4, protocol.Higher, "own.read.some"},
		{0.2, 0.1, 0.3, protocol.Higher, "own.read.little"},
		{0.1, -0.3, 0.4, protocol.Higher, "own.read.neither"},
		{-0.3, -0.9, 0.3, protocol.Higher, "own.read.not-enough"},
		{0.1, -0.6, 0.8, protocol.Higher, "own.read.unclear"},
		{-0.8, -1.4, -0.2, protocol.Higher, "own.read.harms"},
		{-0.8, -1.0, -0.6, protocol.Lower, "own.read.enough"},
		{0.8, 0.2, 1.4, protocol.Lower, "own.read.harms"},
	} {
		matters := 0.5
		e := ownEffect{Result: estimate.Result{Estimate: &x.est, Low: &x.low, High: &x.high, Better: x.better, Matters: &matters}, treat: "A", other: "B", unit: "points"}
		if got, want := w.pages.readOwn("en", e), w.pages.words.say("en", x.want, "a", "A", "b", "B", "m", "0.5 points"); got != want {
			t.Errorf("%v to %v, better %s: %q, not %q", x.low, x.high, x.better, got, want)
		}
	}
}
