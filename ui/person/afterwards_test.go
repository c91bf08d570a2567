package person

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/sleep"
	"dvala/study"
)

// ringNight is a night of eight hours that a ring told, with four rounds of
// stages and a waking.
func (w *world) ringNight(t testing.TB, date civil.Date) study.RecordNight {
	t.Helper()
	var stages []sleep.Stage
	for _, run := range []struct {
		s sleep.Stage
		n int
	}{{sleep.W, 3}, {sleep.Light, 8}, {sleep.N3, 9}, {sleep.Light, 6}, {sleep.R, 3}, {sleep.Light, 10}, {sleep.N3, 5}, {sleep.W, 2}, {sleep.Light, 12}, {sleep.R, 8}, {sleep.Light, 14}, {sleep.R, 10}, {sleep.Light, 4}, {sleep.W, 2}} {
		for range run.n {
			stages = append(stages, run.s)
		}
	}
	zone := must(civil.Zone("Europe/Stockholm"))
	h := must(sleep.NewHypnogram(date.Add(-1).At(civil.Clock(22*60+30+date.Day%4*10), zone), 5*time.Minute, stages))
	night := sleep.Night{Date: date, Zone: "Europe/Stockholm", Status: sleep.Worn, Main: h, Source: sleep.Provenance{Vendor: "oura"}}
	return study.RecordNight{NightRecorded: study.NightRecorded{Vendor: "oura", Night: date, Record: desktest.JSON(night), Source: must(w.trial.PutBlob("ring", []byte(date.String())))}}
}

// lived is a person who has been through the small trial, nights and forms.
func lived(t testing.TB, path string) (*world, study.Subject) {
	t.Helper()
	w := newWorld(t, path, Options{})
	who := w.person(t)
	isi := func(n float64) []byte {
		a := instrument.Answers{}
		for _, id := range []instrument.ItemID{"isi1", "isi2", "isi3", "isi4", "isi5", "isi6", "isi7"} {
			a[id] = instrument.Number(n)
		}
		return desktest.JSON(a)
	}
	for n := 1; n <= 10; n++ {
		if n == 3 {
			w.trial.Do(t, study.Randomise{}, day(3, 6, 0), who)
			w.trial.Do(t, study.Dispense{Visit: "day-0"}, day(3, 6, 0), who)
			w.trial.Do(t, study.Answer{Instrument: "isi", Visit: "day-0", Language: "sv", Answers: isi(3)}, day(3, 6, 30), who)
		}
		date := civil.On(2026, 3, 2+n)
		if n != 5 {
			w.set(day(n, 7, 30))
			w.trial.Do(t, w.ringNight(t, date), w.clock(), who)
			w.trial.Do(t, study.Answer{Instrument: "csd", Night: date, Language: "sv", Answers: desktest.JSON(instrument.Answers{
				"into-bed": instrument.At(civil.Clock(22*60 + n*5)), "tried-to-sleep": instrument.At(22*60 + 55), "sol": instrument.Number(float64(10 + n)), "wakings": instrument.Number(1),
				"waso": instrument.Number(12), "final-waking": instrument.At(civil.Clock(6*60 + 20 + n)), "out-of-bed": instrument.At(7 * 60),
			})}, w.clock(), who)
		}
	}
	w.set(day(10, 10, 0))
	w.trial.Do(t, study.Answer{Instrument: "isi", Visit: "day-7", Language: "sv", Answers: isi(1)}, w.clock(), who)
	w.set(day(11, 10, 0))
	w.trial.Do(t, study.Complete{}, w.clock(), who)
	return w, who
}

// afterwards is a trial that is locked and whose allocations are published.
func afterwards(t testing.TB, path string) *world {
	t.Helper()
	w, _ := lived(t, path)
	f := w.trial.Openings()
	for _, cmd := range []study.Command{study.RecordDryRun{DryRun: study.DryRun{Results: f, Report: f}}, study.Lock{Waive: true}, study.OpenAllocations{AllocationsOpen: study.AllocationsOpen{Openings: f}}} {
		m := study.Meta{At: day(12, 10, 0), Actor: "anna", Role: study.RoleInvestigator, Reason: "as planned"}
		if _, is := cmd.(study.Lock); is {
			m.Signature = &study.Signature{Name: "Anna", Meaning: study.MeansResponsibility, Method: "test"}
		}
		if _, err := w.trial.Tell(t.Context(), cmd, m); err != nil {
			t.Fatalf("%T: %v", cmd, err)
		}
	}
	w.set(day(12, 11, 0))
	return w
}

// Before the openings she sees that her entries came; after them her own nights
// and scores, with pictures.
func TestOwnNightsAfterwards(t *testing.T) {
	w, who := lived(t, smallTrial())
	if _, body, _ := w.get(t, "/me/past?lang=en"); strings.Contains(body, "<svg") || strings.Contains(body, "Asleep") || strings.Contains(body, "You were given") {
		t.Error("before the openings her nights are told")
	}
	w = afterwards(t, smallTrial())
	w.as(desk.Participant(who))
	b := newBrowser(t, w.serve(t), 360, 740)
	b.clock(w.clock())
	for _, lang := range languages {
		for _, dark := range []bool{true, false} {
			b.scheme(dark)
			b.open("/me/past?lang=" + lang)
			if n := ask[int](b, `document.querySelectorAll(".past svg").length`); n != 9 {
				t.Errorf("%d pictures of nine nights", n)
			}
			if said := ask[string](b, `document.querySelector(".say").textContent`); said != map[string]string{"sv": "Du fick: Te.", "en": "You were given: Tea."}[lang] {
				t.Errorf("of what she had she is told %q", said)
			}
			b.picture("afterwards-" + lang + map[bool]string{true: "-dark", false: "-light"}[dark])
		}
	}
}

// In a trial of one she sees nothing of her own while a period is ahead, and her
// nights with pictures when the last one is over, before anything is opened.
func TestOwnNightsOfOne(t *testing.T) {
	w := newWorld(t, filepath.Join("..", "..", "examples", "nof1", "protocol.yaml"), Options{})
	begin := time.Date(2027, 1, 11, 8, 0, 0, 0, time.UTC)
	who := w.trial.Do(t, study.Screen{Site: "home", Answers: protocol.Answers{
		"age": protocol.Int(41), "isi": protocol.Int(12), "kidney_disease": protocol.Bool(false), "can_keep_boxes_shut": protocol.Bool(true),
	}}, begin, "")
	w.trial.Do(t, study.Consent{Version: "1.0", Language: "sv"}, begin, who)
	w.trial.Do(t, study.Enrol{Zone: "Europe/Stockholm", Wake: 420}, begin, who)
	w.trial.Do(t, study.Randomise{}, begin.AddDate(0, 0, 7), who)
	w.as(desk.Participant(who))
	for n := 8; n <= 91; n++ {
		at := begin.AddDate(0, 0, n)
		w.set(at)
		w.trial.Do(t, study.Answer{Instrument: w.diaryOf(), Night: civil.DateOf(at), Language: "sv", Answers: desktest.JSON(instrument.Answers{
			"into-bed": instrument.At(civil.Clock(22*60 + n%7*6)), "tried-to-sleep": instrument.At(23 * 60), "sol": instrument.Number(float64(10 + n%9)),
			"final-waking": instrument.At(civil.Clock(6*60 + n%5*4)), "out-of-bed": instrument.At(7 * 60),
		})}, at, who)
		if _, body, _ := w.get(t, "/me/past?lang=sv"); n%8 == 0 && (strings.Contains(body, "<svg") || strings.Contains(body, "Sov, enligt")) {
			t.Fatalf("on day %d, with periods ahead, her nights are told", n)
		}
	}
	w.set(begin.AddDate(0, 0, 94))
	w.trial.Do(t, study.Complete{}, w.clock(), who)
	b := newBrowser(t, w.serve(t), 360, 740)
	b.clock(w.clock())
	b.open("/me?lang=sv")
	b.tap(`#due a.button`) // above it: her trial can be ended
	b.until(`location.pathname === "/me/past"`, "her nights")
	b.ready()
	if n := ask[int](b, `document.querySelectorAll("#all-nights, svg").length`); n == 0 {
		t.Error("no picture of her nights")
	}
	b.picture("afterwards-one")
}
