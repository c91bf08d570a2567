package simulate

import (
	"math"
	"math/rand/v2"
	"strings"

	"dvala/fault"
	"dvala/protocol"
)

// candidate is somebody who comes to be screened.
type candidate struct {
	person     Person
	site       string
	answers    protocol.Answers
	eligible   bool
	consents   bool
	staysIn    bool // through the run-in
	randomised bool
}

// candidates draws people until the wanted number of them will be randomised:
// who is eligible by the protocol's own rules, consents, and is still there
// after the run-in.
func (m Model) candidates(seed uint64, c protocol.Checked, wanted int) ([]candidate, error) {
	p := c.Protocol()
	days := c.LastDay()
	var out []candidate
	for n, got := 0, 0; got < wanted; n++ {
		if n > 50*(wanted+2) {
			return nil, fault.New("simulate-nobody", "population", "of %d made-up people only %d could be randomised", n, got).
				WithHint("the criteria may contradict each other, or use answers that the simulation cannot guess")
		}
		who := candidate{person: m.NewPerson(seed, n, max(1, days))}
		r := Stream(seed, "screening", n)
		who.site = p.Sites[r.IntN(len(p.Sites))].ID
		// A trial of one is begun by the person herself, who wants to know.
		own := p.Design.Kind == protocol.NOf1
		ok, err := m.screen(r, c, &who, own || chance(r, 0.78))
		if err != nil {
			return nil, err
		}
		who.eligible = ok
		who.consents = ok && (own || chance(r, 0.93))
		who.staysIn = who.consents && (p.Design.RunInDays == 0 || own || chance(r, 0.96))
		who.randomised = who.staysIn
		if who.randomised {
			got++
		}
		out = append(out, who)
	}
	return out, nil
}

// screen draws screening answers until the rules say what is wished, and says
// what they said of the last draw.
func (m Model) screen(r *rand.Rand, c protocol.Checked, who *candidate, wish bool) (bool, error) {
	p := c.Protocol()
	for range 400 {
		who.answers = protocol.Answers{}
		for _, q := range p.Population.Screening {
			if a := answerScreening(r, q, who.person, wish); c.Asks(q, who.answers) {
				who.answers[q.Name] = a // drawn in any case, so that the next draw is the same
			}
		}
		e, err := c.Eligible(who.answers)
		if err != nil {
			return false, err
		}
		if e.Eligible() == wish {
			return wish, nil
		}
	}
	return !wish, nil
}

// answerScreening guesses what a person answers from the question's name and
// bounds. A person who is to be let in answers as herself; one who is to be
// kept out has something odd about her more often.
func answerScreening(r *rand.Rand, q protocol.Question, p Person, in bool) protocol.Value {
	name := strings.ToLower(q.Name)
	switch q.Type {
	case "bool":
		odd := 0.03
		if !in {
			odd = 0.25
		}
		usual := strings.Contains(name, "poor") || strings.Contains(name, "self") || strings.Contains(name, "phone") ||
			strings.Contains(name, "willing") || strings.Contains(name, "can_") || strings.Contains(name, "reads")
		return protocol.Bool(usual != chance(r, odd))
	case "choice":
		if name == "sex" && len(q.Levels) >= 2 {
			for _, l := range q.Levels {
				if strings.HasPrefix(l, "f") == p.Female {
					return protocol.Choice(l)
				}
			}
		}
		return protocol.Choice(q.Levels[r.IntN(len(q.Levels))])
	}
	return protocol.Number(number(r, q, name, p, in))
}

func number(r *rand.Rand, q protocol.Question, name string, p Person, in bool) float64 {
	lo, hi := 0.0, 100.0
	if q.Min != nil {
		lo = *q.Min
	}
	if q.Max != nil {
		hi = *q.Max
	}
	x := lo + (hi-lo)*r.Float64()
	switch {
	case name == "age":
		x = float64(p.Age)
		if !in {
			x = within(r, x, 14, 18, 80)
		}
	case strings.Contains(name, "isi"):
		x = p.Severity + 1.5*r.NormFloat64()
		if !in {
			x -= 6 * r.Float64()
		}
	case strings.Contains(name, "bmi"):
		x = within(r, 25.5, 4, 17, 45)
	case strings.Contains(name, "caffeine"):
		x = p.Caffeine
	case strings.Contains(name, "tst"), strings.Contains(name, "sleep_h"), strings.Contains(name, "hours"):
		x = within(r, 6.3, 0.8, 3, 9)
	}
	x = clamp(x, lo, hi)
	if q.Type == "int" {
		return math.Round(x)
	}
	return math.Round(x*10) / 10
}
