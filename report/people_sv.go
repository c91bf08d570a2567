package report

import (
	"fmt"
	"math"

	"dvala/estimate"
	"dvala/report/voice"
)

func (t trial) swedish(all []estimate.Result) []string {
	t.Voice = voice.In("sv") // also in a report in English
	n := t.Int(t.Flow.Randomised)
	out := []string{fmt.Sprintf("Tack för att du var med. %s personer lottades i försöket. Frågan var, så som den står i försöksplanen: ”%s”", n, first1(t.Trial.Question, t.Trial.Title))}
	if t.Trial.Simulated {
		out[0] = fmt.Sprintf("Ingen har deltagit i det här försöket: ett program hittade på %s personer. Så här ser ett sådant brev ut. Frågan var: ”%s”", n, first1(t.Trial.Question, t.Trial.Title))
	}
	out = append(out, t.swedishFound(all))
	if t.harmsKnown() {
		serious := "Inget av det var allvarligt."
		if len(t.Harms.Serious) > 0 {
			serious = "En del av det var allvarligt; tabellen över oönskade händelser visar vad."
		}
		out = append(out, fmt.Sprintf("%s av deltagarna hade något besvär som skrevs upp under tiden, vare sig det berodde på behandlingen eller inte. %s", t.Int(harmed(t.Harms)), serious))
	}
	return append(out,
		"Ett enda försök ger sällan hela svaret. Undrar du vad det betyder för dig, fråga någon som känner dig och din hälsa.",
		"Rapporten är inget medicinskt råd, och ingen myndighet har granskat den.")
}

func (t trial) swedishFound(all []estimate.Result) string {
	if len(all) == 0 {
		return "Försöket hade ingen enda huvudfråga, och därför finns det inget enda svar."
	}
	r := all[0]
	s, ok := spanOf(r)
	a, b := t.sides(r)
	if !ok {
		return "Huvudfrågan gick inte att besvara med de uppgifter vi fick in. Det säger något om försöket, inte om dig."
	}
	say := func(v float64) string { return t.spoken(math.Abs(v)) + t.unit(r.Unit) }
	if r.Ratio() {
		d := digits(r)
		num := func(v float64) string { return t.Fixed(v, d) }
		return fmt.Sprintf("Det här såg vi: mätt med ”%s” var svaret med ”%s” %s gånger det med ”%s”. Slumpen gör talet osäkert: det kan i själva verket vara allt från %s till %s, och 1 betyder ingen skillnad.", r.Label, a, num(*r.Estimate), b, num(*r.Low), num(*r.High))
	}
	minor := t.small(s, r, "Så små skillnader brukar man inte märka.")
	switch {
	case s.low > 0:
		return fmt.Sprintf("Det här såg vi: mätt med ”%s” gick det bättre med ”%s” än med ”%s”, med ungefär %s. Slumpen gör talet osäkert: skillnaden kan i själva verket vara allt från %s till %s.", r.Label, a, b, say(*r.Estimate), say(s.low), say(s.high)) + minor
	case s.high < 0:
		return fmt.Sprintf("Det här såg vi: mätt med ”%s” gick det bättre med ”%s” än med ”%s”, med ungefär %s. Slumpen gör talet osäkert: skillnaden kan i själva verket vara allt från %s till %s.", r.Label, b, a, say(*r.Estimate), say(s.high), say(s.low)) + minor
	}
	return fmt.Sprintf("Det här såg vi: mätt med ”%s” gick ”%s” och ”%s” inte att skilja åt. Skillnaden kan i själva verket vara allt från %s till fördel för ”%s” till %s till fördel för ”%s”.", r.Label, a, b, say(s.low), b, say(s.high), a) + minor
}
