package estimate

import (
	"fmt"
	"strings"

	"dvala/protocol"
)

// when names the time point in words.
func (r *run) when(v protocol.Variable) string {
	switch {
	case v.Nights != nil && r.parallel():
		return fmt.Sprintf("nights %d to %d", v.Nights.From, v.Nights.To)
	case v.Nights != nil && v.Nights.From == v.Nights.To:
		return fmt.Sprintf("night %d of each period", v.Nights.From)
	case v.Nights != nil:
		return fmt.Sprintf("nights %d to %d of each period", v.Nights.From, v.Nights.To)
	case len(v.Visits) > 0:
		return r.whenVisits(v.Visits)
	}
	if x, ok := r.checked.Visit(v.Visit); ok {
		return fmt.Sprintf("at day %d", x.Day)
	}
	return ""
}

// whenVisits names visits of several periods: by their day, where it is the same
// in each, else by what they are called.
func (r *run) whenVisits(ids []string) string {
	var labels []string
	days := map[int]bool{}
	for _, id := range ids {
		x, _ := r.checked.Visit(id)
		labels = append(labels, x.Label.In("en"))
		days[x.Day-r.startOf(x.Period)] = true
	}
	if len(days) == 1 {
		for day := range days {
			return fmt.Sprintf("on day %d of each period", day)
		}
	}
	return "at the visits " + list(labels)
}

// list joins words: a, b and c.
func list(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}
