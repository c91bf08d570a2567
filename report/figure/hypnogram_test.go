package figure

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/sleep"
)

func night(t testing.TB, start string, runs string) sleep.Hypnogram {
	t.Helper()
	stages, err := sleep.ParseStages(runs, 5760)
	if err != nil {
		t.Fatal(err)
	}
	var at time.Time
	if start != "" {
		zone, err := civil.Zone("Europe/Stockholm")
		if err != nil {
			t.Fatal(err)
		}
		if at, err = time.ParseInLocation("2006-01-02 15:04", start, zone); err != nil {
			t.Fatal(err)
		}
	}
	h, err := sleep.NewHypnogram(at, time.Minute, stages)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Five rows and the hours under them; drawn by hand, a column for ten minutes.
func TestHypnogramInTheTerminal(t *testing.T) {
	got := HypnogramText(night(t, "2026-11-22 23:30", "20W 10N1 60N2 50N3 10? 30R 20N2 40W"), 29, false)
	want := strings.Join([]string{
		"  W ▆▆                  ▆▆▆▆",
		"  R                ███",
		" N1   ▆",
		" N2    ▆▆▆▆▆▆         ▆▆",
		" N3          ▆▆▆▆▆",
		"       00:00 01:00 02:00 03:00",
		"",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	light := HypnogramText(night(t, "", "30W 60L 30S"), 20, false)
	if !strings.Contains(light, "▒") || !strings.Contains(light, "░") || strings.Contains(light, "\x1b") {
		t.Errorf("light and asleep:\n%s", light)
	}
	if !strings.Contains(HypnogramText(night(t, "", "30W 60N3"), 40, true), "\x1b[38;2;63;102;168m") {
		t.Error("deep sleep has no colour")
	}
}

func TestHypnogramDrawings(t *testing.T) {
	for name, n := range map[string]sleep.Hypnogram{
		"five stages":               night(t, "2026-11-22 23:30", "20W 10N1 60N2 50N3 10? 30R 20N2 40W"),
		"light":                     night(t, "2026-11-22 23:30", "20W 60L 50N3 30R 20L 40W"),
		"asleep":                    night(t, "", "20W 60S 5W 60S"),
		"all mixed":                 night(t, "", "5W 5N1 5L 5N2 5N3 5R 5S 5?"),
		"the hour left out":         night(t, "2026-03-28 23:30", "480N2"),
		"the hour that comes twice": night(t, "2026-10-24 23:30", "480N2"),
		"unscored":                  night(t, "", "30?"),
		"nothing":                   {},
	} {
		c := Hypnogram{ID: "h", Title: "A <night> & more", Night: n, Cycles: true}.SVG()
		file := c.File()
		d := xml.NewDecoder(strings.NewReader(string(file)))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
		}
		if s := string(file); !strings.Contains(s, "<desc") || strings.Contains(s, "NaN") || strings.Contains(s, "<night>") {
			t.Errorf("%s: %.200s", name, s)
		}
		if again := (Hypnogram{ID: "h", Title: "A <night> & more", Night: n, Cycles: true}).SVG().File(); string(again) != string(file) {
			t.Errorf("%s: drawn twice it differs", name)
		}
	}
}

func TestHoursWhenClocksChange(t *testing.T) {
	labels := func(start string) string {
		var s []string
		for _, m := range hourMarks(night(t, start, "240N2")) {
			s = append(s, m.label)
		}
		return strings.Join(s, " ")
	}
	if got := labels("2026-03-29 00:30"); got != "01:00 03:00 04:00 05:00" {
		t.Errorf("in spring %s", got)
	}
	if got := labels("2026-10-25 00:30"); got != "01:00 02:00 02:00 03:00" {
		t.Errorf("in autumn %s", got)
	}
}

func TestHypnogramIsTold(t *testing.T) {
	got := Hypnogram{Night: night(t, "2026-11-22 23:30", "20W 10N1 60N2 50N3 10? 30R 20N2 40W")}.Describe()
	want := "From 23:30 to 03:30: 2 h 50 min asleep of 4 h 0 min in bed, 0 min wake after falling asleep, 50 min deep sleep (N3), 30 min REM sleep, 10 min not scored, 1 complete cycle."
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
