package protocol

import "strings"

// Failure is one criterion that keeps a person out.
type Failure struct {
	ID      string
	Exclude bool // an exclusion that applies; else an inclusion that does not
	Show    Text // the sentence that tells it
}

// Eligibility is the verdict on a person's screening answers. Failed holds
// every criterion that keeps her out, inclusions first, in the order of the
// file; she is eligible if there is none.
type Eligibility struct{ Failed []Failure }

// Eligible says whether nothing keeps the person out.
func (e Eligibility) Eligible() bool { return len(e.Failed) == 0 }

// String tells the verdict in English, for a log or a test.
func (e Eligibility) String() string {
	if e.Eligible() {
		return "eligible"
	}
	ids := make([]string, len(e.Failed))
	for i, f := range e.Failed {
		ids[i] = f.ID
	}
	return "not eligible: " + strings.Join(ids, ", ")
}
