package person

import (
	"strings"
	"testing"

	"dvala/instrument"
	"dvala/study"
)

// How far she has come is counted in days with what she takes, of which the
// example trial has 21, the first being that of the lot; afterwards it is said
// until when she is asked.
func TestDaysAreOfTheTreatment(t *testing.T) {
	w := newWorld(t, example(), Options{})
	who := w.enrolled(t)
	w.set(day(7, 9, 0))
	w.trial.Do(t, study.Randomise{}, w.clock(), who)
	for after, want := range map[int][2]string{
		0:  {"Day 1 of 21 with capsules", "Dag 1 av 21 med kapslar"},
		13: {"Day 14 of 21 with capsules", "Dag 14 av 21 med kapslar"},
		20: {"Day 21 of 21 with capsules", "Dag 21 av 21 med kapslar"},
		21: {"The days with capsules are over, and the last questions come until Wednesday 1 April", "Dagarna med kapslar är slut, och de sista frågorna kommer till och med onsdag 1 april"},
	} {
		w.set(day(7+after, 10, 0))
		for i, lang := range languages {
			if _, body, _ := w.get(t, "/me?lang="+lang); !strings.Contains(body, want[i]) {
				t.Errorf("%d days after the lot, the first page does not say %q", after, want[i])
			}
		}
	}
}

// A questionnaire is named in plain words, with its own name beside them; feeling
// unwell is a way of its own from the first page, and named so where it leads.
func TestPlainNames(t *testing.T) {
	w := newWorld(t, example(), Options{})
	who := w.enrolled(t)
	w.set(day(7, 9, 0))
	w.trial.Do(t, study.Randomise{}, w.clock(), who)
	for path, want := range map[string][]string{
		"/me?lang=sv":                   {"Frågor om sömnbesvär (Start).", `<a class="quiet unwell" href="/me/event">Jag mår inte bra</a>`},
		"/me/visit/day-0/isi?lang=sv":   {"<h1>Frågor om sömnbesvär</h1>", "<small>Insomnia Severity Index</small>"},
		"/me/visit/day-0/isi?lang=en":   {"<h1>Questions about trouble sleeping</h1>", "<small>Insomnia Severity Index</small>"},
		"/me/visit/day-0/rsq-w?lang=sv": {"<h1>Frågor om hur utvilad du varit den här veckan</h1>", "<small>Restorative Sleep Questionnaire, veckovis</small>"},
		"/me/past?lang=sv":              {"Frågor om sömnbesvär · Start<br><small>Insomnia Severity Index</small>"},
		"/me/event?lang=sv":             {"<h1>Jag mår inte bra</h1>"},
	} {
		_, body, _ := w.get(t, path)
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("%s does not say %q", path, text)
			}
		}
	}
	if _, body, _ := w.get(t, "/me?lang=sv"); strings.Contains(body[strings.Index(body, "<main"):], `>Insomnia Severity Index`) {
		t.Error("the first page names a questionnaire by its learned name")
	}
}

// Every instrument of the library has a plain name.
func TestEveryInstrumentHasAPlainName(t *testing.T) {
	w := newWorld(t, example(), Options{})
	for _, d := range instrument.All() {
		for _, lang := range languages {
			if plain, official := w.pages.named(lang, d); official == "" && strings.Contains(plain, "Questionnaire") || plain == "" {
				t.Errorf("%s is %q", d.ID, plain)
			}
		}
	}
}
