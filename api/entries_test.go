package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/study"
)

// What a device sends twice is filed once; what cannot be filed disturbs no
// other.
func TestEntriesOfADevice(t *testing.T) {
	m := desktest.New(t, small, 1)
	who := m.Person(t, desktest.Start)
	h := as(m, desk.Participant(who), day(1))
	diary := func(k, night string) string {
		return fmt.Sprintf(`{"key":"device-%s","made":%q,"zone":"Europe/Stockholm","do":"answer","data":{"instrument":"csd","night":%q,"language":"sv","answers":{"sol":10}}}`,
			k, day(1).Format("2006-01-02T15:04:05Z07:00"), night)
	}
	send := func(entries ...string) []Fate {
		t.Helper()
		body := `{"entries":[`
		for i, e := range entries {
			if i > 0 {
				body += ","
			}
			body += e
		}
		w := ask(h, http.MethodPost, base+"/me/entries", body+"]}")
		var out struct{ Entries []Fate }
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return out.Entries
	}
	night := day(1).Format("2006-01-02")
	first := send(diary("one", night), `{"key":"device-two","made":"2026-03-03T07:00:00Z","do":"fly"}`, diary("three", "2026-01-01"))
	for i, want := range []desk.Fate{desk.Accepted, desk.Unfiled, desk.Refused} {
		if first[i].Fate != string(want) {
			t.Errorf("entry %d: %+v, want %s", i, first[i], want)
		}
	}
	again := send(diary("one", night))
	if again[0].Fate != string(desk.Repeated) || again[0].Receipt.First != first[0].Receipt.First {
		t.Errorf("the same again: %+v", again[0])
	}
	m.View(func(s *study.State) {
		if n := len(s.People[who].Diary); n != 1 {
			t.Errorf("%d mornings on the ledger", n)
		}
	})
}
