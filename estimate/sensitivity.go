package estimate

import (
	"dvala/fault"
	"dvala/protocol"
)

// sensitivityTitles name the further analyses.
var sensitivityTitles = map[string]string{
	"complete-case":     "Only those with a value then",
	"robust":            "Unequal variances (HC3)",
	"ranks":             "Ranks instead of values",
	"ordinal":           "Ordered categories",
	"jump-to-reference": "Jump to reference",
	"copy-reference":    "Copy reference",
	"copy-increments":   "Copy increments in reference",
	"tipping-point":     "Tipping point",
	"re-randomisation":  "Re-randomisation test",
}

// SensitivityTitle names a further analysis for a reader.
func SensitivityTitle(kind string) string {
	if t := sensitivityTitles[kind]; t != "" {
		return t
	}
	return words(kind)
}

// sensitivity carries out the further analyses of an estimand, as the protocol
// names them. Nothing is claimed from any of them.
func (r *run) sensitivity(s *set, main *Result) []Result {
	var out []Result
	for _, k := range s.estimand.Sensitivity {
		out = append(out, r.further(s, k))
	}
	return out
}

// further is one of them.
func (r *run) further(s *set, k protocol.Sensitivity) Result {
	res := r.blank(s)
	res.Analysis, res.Order = k.Kind, 0
	var err error
	switch k.Kind {
	case "complete-case", "robust", "ranks":
		end := s.seenAtEnd()
		res = r.oneValue(end, k.Kind)
		if k.Kind == "ranks" {
			res.Unit, res.Matters, res.MattersFrom = "ranks", nil, ""
		}
		_, err = r.ancova(end, &res, adjustment{hc3: k.Kind == "robust", ranks: k.Kind == "ranks"})
	case "ordinal":
		end := s.seenAtEnd()
		res = r.oneValue(end, k.Kind)
		res.Summary, res.Unit, res.Matters, res.MattersFrom = "odds-ratio", "", nil, ""
		res.Estimand.Summary = summaryWords("odds-ratio", inText(res.Estimand.Treatment), inText(res.Estimand.Comparator))
		err = r.ordinal(end, &res)
	case "jump-to-reference", "copy-reference", "copy-increments":
		err = r.reference(s, &res, k.Kind, k.Errors, k.Draws)
	case "tipping-point":
		err = r.tipping(s, &res, k.Limit)
	case "re-randomisation":
		err = r.rerandomise(s, &res, k.Draws)
	default:
		err = fault.New("estimand-sensitivity", "", "there is no analysis called %q", k.Kind)
	}
	if k.Why != "" {
		res.Notes = append(res.Notes, k.Why)
	}
	res.Model = k.Kind
	if err != nil {
		res.fail(err)
	}
	Speak(&res)
	return res
}

// oneValue is a blank result of an analysis with one value for each person.
func (r *run) oneValue(s *set, kind string) Result {
	res := r.blank(s)
	res.Analysis, res.Order, res.Rows = kind, 0, len(s.members)
	return res
}
