package person

import (
	"encoding/json"
	"net/http"

	"dvala/desk/access"
	"dvala/desk/remind"
	"dvala/fault"
	"dvala/study"
)

// subscribe keeps where a browser takes push messages.
func (p *Pages) subscribe(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	v, err := p.visit(w, r)
	if err == nil {
		err = p.me(v, func(*study.State, *study.Participant) error { return nil })
	}
	if err != nil || p.opt.Book == nil {
		http.Error(w, `{"code":"sign-in"}`, http.StatusUnauthorized)
		return
	}
	var s struct {
		Endpoint string `json:"endpoint"`
		Keys     struct {
			P256DH string `json:"p256dh"`
			Auth   string `json:"auth"`
		} `json:"keys"`
	}
	err = json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<10)).Decode(&s)
	sub := remind.Subscription{Endpoint: s.Endpoint, P256DH: s.Keys.P256DH, Auth: s.Keys.Auth}
	if err != nil || !sub.Known() || sub.P256DH == "" || sub.Auth == "" {
		http.Error(w, `{"code":"subscription-form"}`, http.StatusBadRequest)
		return
	}
	if err := p.opt.Book.Subscribe(r.Context(), v.caller.Subject, sub); err != nil {
		access.Failed(r.Context(), err)
		http.Error(w, `{"code":"later"}`, http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// calendar gives the person's mornings as a file for her own calendar.
func (p *Pages) calendar(w http.ResponseWriter, r *http.Request) {
	p.serve(func(v *visit) (answer, error) {
		var out []byte
		err := p.me(v, func(s *study.State, person *study.Participant) error {
			if person.Enrolled == nil {
				return fault.New("not-enrolled", "", "nothing is planned yet")
			}
			set := remind.SettingsOf(s, person, v.now)
			out = remind.Calendar(s.Protocol.ID(), v.lang, "", set, s.Tasks(person, v.now), v.now)
			return nil
		})
		return answer{file: &file{"text/calendar; charset=utf-8", "calendar.ics", out}}, err
	})(w, r)
}

func (p *Pages) offline(*visit) (answer, error) {
	return answer{page: "offline", title: "offline.title"}, nil
}
