package person

import (
	"encoding/json"
	"net/http"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
)

// result says what became of one.
type result struct {
	Key   string `json:"key"`
	State string `json:"state"` // saved, repeated, refused, held, again
	At    string `json:"at,omitempty"`
	Entry uint64 `json:"entry,omitempty"`
	Code  string `json:"code,omitempty"`
	Text  string `json:"text,omitempty"`
}

const longestBatch = 256 << 10

// entries takes what a device kept while it had no network, in the order in
// which it was said.
func (p *Pages) entries(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	w.Header().Set("Cache-Control", "no-store")
	v, err := p.visit(w, r)
	if err != nil || v.caller.Subject == "" {
		http.Error(w, `{"code":"sign-in"}`, http.StatusUnauthorized)
		return
	}
	var batch struct {
		Entries []desk.Submitted `json:"entries"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestBatch)).Decode(&batch); err != nil {
		http.Error(w, `{"code":"batch-form"}`, http.StatusBadRequest)
		return
	}
	for i := range batch.Entries {
		if _, err := civil.Zone(batch.Entries[i].Zone); err != nil {
			batch.Entries[i].Zone = "" // a device that does not know where it is keeps nothing from being taken
		}
	}
	outcomes, err := p.office.Submit(r.Context(), v.caller, batch.Entries)
	if err != nil {
		access.Failed(r.Context(), err)
		status := http.StatusServiceUnavailable // nothing is wrong with the entries: the device keeps them
		if fault.CodeOf(err) == desk.CodeForbidden {
			status = http.StatusForbidden
		}
		http.Error(w, `{"code":"later"}`, status)
		return
	}
	out := make([]result, 0, len(outcomes))
	for _, o := range outcomes {
		out = append(out, p.tell(v, o))
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"results": out}) // a reader that went away sends them again
}

// tell says an outcome in the person's words.
func (p *Pages) tell(v *visit, o desk.Outcome) result {
	res := result{Key: o.Key, State: string(o.Fate)}
	switch o.Fate {
	case desk.Accepted, desk.Repeated:
		at := o.Receipt.At
		if at.IsZero() {
			at = v.now
		}
		res.Entry, res.At = o.Receipt.First, clockTime(at, v.zone)
		if o.Fate == desk.Accepted {
			res.State = "saved"
		}
	default:
		res.Code, res.Text = string(fault.CodeOf(o.Err)), p.problem(v.lang, o.Err)
		if o.Fate == desk.Unfiled {
			res.Text = p.words.say(v.lang, "problem.held")
		}
	}
	return res
}
