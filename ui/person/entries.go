package person

import (
	"encoding/json"
	"net/http"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// entry is one thing that was said on a device, perhaps long before it could be
// sent. Its key was made there, so that it is taken once however often it is
// sent.
type entry struct {
	Key  string          `json:"key"`
	Made time.Time       `json:"made"` // by the device's clock
	Zone string          `json:"zone"`
	Do   string          `json:"do"` // the command's name
	Data json.RawMessage `json:"data"`
}

// result says what became of one.
type result struct {
	Key   string `json:"key"`
	State string `json:"state"` // saved, repeated, refused
	At    string `json:"at,omitempty"`
	Entry uint64 `json:"entry,omitempty"`
	Code  string `json:"code,omitempty"`
	Text  string `json:"text,omitempty"`
}

const (
	longestBatch = 256 << 10
	mostEntries  = 100
)

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
		Entries []entry `json:"entries"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestBatch)).Decode(&batch); err != nil || len(batch.Entries) > mostEntries {
		http.Error(w, `{"code":"batch-form"}`, http.StatusBadRequest)
		return
	}
	out := make([]result, 0, len(batch.Entries))
	for _, e := range batch.Entries {
		res, err := p.take(v, e)
		if err != nil {
			// Nothing is wrong with the entry: the device keeps it and tries again.
			http.Error(w, `{"code":"later"}`, http.StatusServiceUnavailable)
			return
		}
		out = append(out, res)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"results": out}) // a reader that went away sends them again
}

// take gives one entry to the trial. An error means that it should be sent
// again later.
func (p *Pages) take(v *visit, e entry) (result, error) {
	res := result{Key: e.Key}
	refuse := func(err error) (result, error) {
		res.State, res.Code, res.Text = "refused", string(fault.CodeOf(err)), p.problem(v.lang, err)
		return res, nil
	}
	if e.Key == "" {
		return refuse(fault.New("key-missing", "key", "an entry has a key"))
	}
	cmd, err := study.ReadCommand(e.Do, e.Data)
	if err != nil {
		return refuse(err)
	}
	zone := e.Zone
	if _, err := civil.Zone(zone); err != nil {
		zone = ""
	}
	r, err := p.office.Do(v.r.Context(), v.caller, desk.Request{
		Cmd: cmd, Subject: v.caller.Subject, Zone: zone, Key: e.Key, Made: e.Made,
	})
	switch {
	case err != nil && fault.CodeOf(err) == "":
		return res, err
	case err != nil:
		return refuse(err)
	case r.Repeated:
		res.State = "repeated"
	default:
		res.State = "saved"
	}
	at := r.At
	if at.IsZero() {
		at = v.now
	}
	res.Entry, res.At = r.First, clockTime(at, v.zone)
	return res, nil
}
