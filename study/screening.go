package study

import (
	"encoding/json"
	"fmt"

	"dvala/fault"
	"dvala/protocol"
)

// UnmarshalJSON reads screening answers as they were written: 41, 24.5, true or
// "female". Whether 41 answers a question for a whole number or for any number
// is not in the JSON; the fold asks the protocol.
func (s *Screened) UnmarshalJSON(b []byte) error {
	var w struct {
		Site     string                     `json:"site"`
		Answers  map[string]json.RawMessage `json:"answers"`
		Eligible bool                       `json:"eligible"`
		Failed   []string                   `json:"failed,omitempty"`
	}
	if err := strict(b, &w); err != nil {
		return err
	}
	*s = Screened{Site: w.Site, Eligible: w.Eligible, Failed: w.Failed, Answers: make(protocol.Answers, len(w.Answers))}
	for name, raw := range w.Answers {
		v, err := screeningValue(raw)
		if err != nil {
			return fmt.Errorf("answers.%s: %w", name, err)
		}
		s.Answers[name] = v
	}
	return nil
}

func screeningValue(raw json.RawMessage) (protocol.Value, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return protocol.Value{}, err
	}
	switch v := v.(type) {
	case bool:
		return protocol.Bool(v), nil
	case string:
		return protocol.Choice(v), nil
	case float64:
		if v == float64(int(v)) {
			return protocol.Int(int(v)), nil
		}
		return protocol.Number(v), nil
	}
	return protocol.Value{}, fmt.Errorf("%s is not an answer", raw)
}

// judge gives screening answers in the types of the protocol's questions, and
// what the rules say of them.
func judge(p protocol.Checked, site string, answers protocol.Answers) (Screened, error) {
	if _, ok := p.Site(site); !ok {
		return Screened{}, fault.New("site-unknown", "site", "the protocol has no site %q", site)
	}
	typed, problems := p.ParseAnswers(answers.Texts())
	if err := problems.Err(); err != nil {
		return Screened{}, err
	}
	verdict, err := p.Eligible(typed)
	if err != nil {
		return Screened{}, err
	}
	out := Screened{Site: site, Answers: typed, Eligible: verdict.Eligible()}
	for _, f := range verdict.Failed {
		out.Failed = append(out.Failed, f.ID)
	}
	return out, nil
}
