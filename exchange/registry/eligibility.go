package registry

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dvala/protocol"
)

// A register has fields of its own for ages and sex; a protocol has rules. What a
// rule plainly says of an answer named age or sex is taken from it: comparisons with
// a number joined by "and", one value of sex. Of anything else nothing is written,
// and the field is left for a person.

var (
	ofAge = regexp.MustCompile(`^age\s*(>=|<=|>|<)\s*(\d{1,3})$`)
	ofSex = regexp.MustCompile(`^sex\s*==\s*["'](female|male)["']$`)
	named = regexp.MustCompile(`\b(age|sex)\b`)
)

// limits are what the criteria say of age and sex, as far as they plainly do.
type limits struct {
	least, most int // years; -1: no limit
	sex         string
	unsure      map[string]bool // a rule speaks of it in a way that is not read here
}

func limitsOf(p protocol.Protocol) limits {
	l := limits{least: -1, most: -1, unsure: map[string]bool{}}
	for _, c := range p.Population.Include {
		for part := range strings.SplitSeq(c.Rule, "&&") {
			l.take(strings.TrimSpace(part), false)
		}
	}
	for _, c := range p.Population.Exclude {
		if strings.Contains(c.Rule, "&&") {
			l.doubt(c.Rule) // whoever meets but one of them is let in
			continue
		}
		for part := range strings.SplitSeq(c.Rule, "||") {
			l.take(strings.TrimSpace(part), true)
		}
	}
	q, asked := question(p, "age")
	if !asked || q.Type != "int" || q.Unit != "" && q.Unit != "years" && q.Unit != "year" {
		l.unsure["age"] = true
	}
	if q, asked := question(p, "sex"); l.sex == "" && (!asked || len(q.Levels) < 2) {
		l.unsure["sex"] = true
	}
	return l
}

func question(p protocol.Protocol, name string) (protocol.Question, bool) {
	i := slices.IndexFunc(p.Population.Screening, func(q protocol.Question) bool { return q.Name == name })
	if i < 0 {
		return protocol.Question{}, false
	}
	return p.Population.Screening[i], true
}

// doubt notes what a rule speaks of that it does not say plainly.
func (l *limits) doubt(rule string) {
	for _, m := range named.FindAllString(rule, -1) {
		l.unsure[m] = true
	}
}

// take reads one comparison: of who is let in, or of who is kept out.
func (l *limits) take(rule string, out bool) {
	if m := ofSex.FindStringSubmatch(rule); m != nil {
		sex := strings.ToUpper(m[1])
		if out {
			sex = map[string]string{"FEMALE": "MALE", "MALE": "FEMALE"}[sex]
		}
		if l.sex != "" && l.sex != sex {
			l.unsure["sex"] = true
		}
		l.sex = sex
		return
	}
	m := ofAge.FindStringSubmatch(rule)
	if m == nil {
		l.doubt(rule)
		return
	}
	years, err := strconv.Atoi(m[2])
	if err != nil {
		return
	}
	op := m[1]
	if out {
		op = map[string]string{">=": "<", ">": "<=", "<=": ">", "<": ">="}[op]
	}
	switch op { // whole years
	case ">":
		years++
	case "<":
		years--
	}
	if strings.HasPrefix(op, ">") {
		l.least = max(l.least, years)
	} else if l.most < 0 || years < l.most {
		l.most = years
	}
}

// eligibility gives the criteria, and ages and sex where they are plain.
func eligibility(p protocol.Protocol) Eligibility {
	e, l := Eligibility{Criteria: criteria(p)}, limitsOf(p)
	years := func(n int) string {
		if n < 0 || l.unsure["age"] {
			return ""
		}
		return strconv.Itoa(n) + " Years"
	}
	e.Least, e.Most = years(l.least), years(l.most)
	if !l.unsure["sex"] {
		e.Sex = l.sex
		if e.Sex == "" {
			e.Sex = "ALL" // it is asked, and keeps nobody out
		}
	}
	return e
}

// openEligibility names what of ages and sex a person has to fill in.
func openEligibility(e Eligibility, l limits) []Open {
	var out []Open
	if l.unsure["age"] {
		out = append(out, Open{"eligibilityModule.minimumAge / maximumAge", "the limits of age in the register's own fields; the rules do not say them plainly, and the criteria have them in words"})
	} else if e.Least == "" || e.Most == "" {
		out = append(out, Open{"eligibilityModule.minimumAge / maximumAge", "where there is no limit, the register wants N/A"})
	}
	if e.Sex == "" {
		out = append(out, Open{"eligibilityModule.sex", "all, female or male; the rules do not say it plainly"})
	}
	return append(out, Open{"eligibilityModule.healthyVolunteers", "whether healthy people are taken"})
}
