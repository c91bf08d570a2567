package desk

import "dvala/study"

// Of gives one of the counts by its name: how the pages ask for the people in it.
func (f Flow) Of(part string) (int, bool) {
	switch part {
	case "screened":
		return f.Screened, true
	case "not-eligible":
		return f.NotEligible, true
	case "not-consented":
		return f.NotConsented, true
	case "enrolled":
		return f.Enrolled, true
	case "not-randomised":
		return f.NotRandomised, true
	case "randomised":
		return f.Randomised, true
	case "ongoing":
		return f.Ongoing, true
	case "left-trial":
		return f.LeftTrial, true
	case "completed":
		return f.Completed, true
	case "left-treatment":
		return f.LeftTreatment, true
	}
	return 0, false
}

// CountedIn says whether a person is one of those whom the flow counts under a
// name; nobody is under a name that there is not.
func CountedIn(p *study.Participant, part string) bool {
	var one Flow
	one.add(p, map[string]int{}, map[string]int{})
	n, _ := one.Of(part)
	return n > 0
}

// ExcludedBy says whether the flow counts a person as one whom a criterion kept
// out.
func ExcludedBy(p *study.Participant, criterion string) bool {
	var one Flow
	excluded := map[string]int{}
	one.add(p, excluded, map[string]int{})
	return excluded[criterion] > 0
}
