package ui

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"dvala/civil"
	"dvala/desk"
	"dvala/study"
)

// What happened about a night stands beside it, and beside no other night.
func TestNightsTellWhatHappenedAboutThem(t *testing.T) {
	p := &study.Participant{AdverseLog: []*study.AdverseRecord{
		{Entry: 1, Versions: []study.AdverseVersion{{Event: study.AdverseEvent{Term: "vivid dreams", Onset: civil.On(2026, 10, 6), End: civil.On(2026, 10, 7)}}}},
		{Entry: 2, Versions: []study.AdverseVersion{{Event: study.AdverseEvent{Term: "a cold", Onset: civil.On(2026, 10, 8), Serious: true}}}},
	}}
	for date, want := range map[civil.Date][]uint64{
		civil.On(2026, 10, 5):  nil,
		civil.On(2026, 10, 6):  {1}, // the day that the night led to
		civil.On(2026, 10, 7):  {1},
		civil.On(2026, 10, 8):  {1, 2}, // of the evening of the 7th, and of the morning after
		civil.On(2026, 10, 9):  {2},
		civil.On(2026, 10, 10): nil, // it goes on, and is told once
	} {
		var got []uint64
		for _, b := range besideNight(p, desk.Night{Date: date, Evening: date.Add(-1)}) {
			got = append(got, b.Entry)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the night to %s tells of %v, want %v", date, got, want)
		}
	}
}

// They stand on her page, with their entries behind them.
func TestNightsOnThePageTellOfAdverseEvents(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	at := day(12)
	facts, err := m.state.Do(study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
		Term: "teeth grinding", Severity: "mild", Related: "possible", Onset: civil.DateOf(day(3)), End: civil.DateOf(day(9)), Outcome: "recovered",
	}}, study.Meta{At: at, Actor: "ingrid", Role: study.RoleInvestigator, Subject: "P0002"})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.log.AddEntry(must(study.Encode(facts[0]))); err != nil {
		t.Fatal(err)
	}
	w := get(t, h, "/participants/P0002", as("coordinator"))
	_, nights, _ := strings.Cut(w.Body.String(), `id="nights"`)
	if w.Code != http.StatusOK || !strings.Contains(nights, `">teeth grinding</a>`) {
		t.Errorf("%d, and no night tells of it", w.Code)
	}
}
