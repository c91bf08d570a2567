package study

import (
	"slices"

	"dvala/fault"
	"dvala/protocol"
)

// Translation is a report in another language of the protocol, made from the
// same results as the one in English.
type Translation struct {
	Language protocol.Language `json:"language"`
	Report   File              `json:"report_file"`
}

// checkReport reports files of results and reports that are none, and a language
// that is named twice or is the report's own.
func checkReport(place string, results, report File, translated []Translation) error {
	var l fault.List
	l.Merge("file-ref", place, checkFiles(place, reportFiles(results, report, translated)...))
	seen := []protocol.Language{"en"}
	for _, t := range translated {
		if t.Language == "" || slices.Contains(seen, t.Language) {
			l.Addf("file-ref", place, "there are two reports in %q", t.Language).WithHint("the first is in English; each other language once")
		}
		seen = append(seen, t.Language)
	}
	return l.Err()
}

func reportFiles(results, report File, translated []Translation) []File {
	out := []File{results, report}
	for _, t := range translated {
		out = append(out, t.Report)
	}
	return out
}
