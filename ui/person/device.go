package person

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"dvala/desk"
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

// Uploader takes a file that a wearable's app wrote out, and gives how many
// nights were in it.
type Uploader interface {
	Upload(ctx context.Context, c desk.Caller, vendor, name string, r io.Reader) (nights int, err error)
}

// RingLink connects a person's Oura ring.
type RingLink interface {
	// Begin gives the page of the vendor's on which the person consents.
	Begin(ctx context.Context, c desk.Caller) (page string, err error)
	// Connected says whether a ring is connected.
	Connected(ctx context.Context, who study.Subject) (bool, error)
}

// ringPage connects a ring or takes a file.
type ringPage struct {
	Key       string
	Vendors   []string
	Oura      bool
	Connected bool
	Upload    bool
	Nights    int
	Took      bool
	Problem   string
	First     bool
	Asked     bool // the protocol asks for a device
}

func (p *Pages) ring(v *visit) (answer, error) { return p.showRing(v, -1, "") }

func (p *Pages) showRing(v *visit, nights int, problem string) (answer, error) {
	page := ringPage{
		Key: newKey(v.r), Upload: p.opt.Upload != nil, Nights: nights, Took: nights >= 0, Problem: problem,
		First: v.r.URL.Query().Get("first") != "",
	}
	err := p.me(v, func(s *study.State, _ *study.Participant) error {
		for _, d := range s.Protocol.Protocol().Devices {
			page.Vendors = append(page.Vendors, d.Vendor)
			page.Oura = page.Oura || d.Vendor == "oura" && p.opt.Ring != nil
		}
		page.Asked = len(page.Vendors) > 0
		return nil
	})
	if err == nil && page.Oura {
		page.Connected, err = p.opt.Ring.Connected(v.r.Context(), v.caller.Subject)
	}
	return answer{page: "ring", title: "ring.title", data: page}, err
}

// largestUpload bounds a wearable's file.
const largestUpload = 256 << 20

func (p *Pages) saveRing(v *visit) (answer, error) {
	if err := p.me(v, func(*study.State, *study.Participant) error { return nil }); err != nil {
		return answer{}, err
	}
	if !strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/") {
		if v.form.Get("connect") == "oura" && p.opt.Ring != nil {
			to, err := p.opt.Ring.Begin(v.r.Context(), v.caller)
			return answer{to: to}, err
		}
		return answer{to: "/me/ring"}, nil
	}
	if p.opt.Upload == nil {
		return answer{}, fault.New("page-unknown", v.r.URL.Path, "no files are taken here")
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, largestUpload)
	parts, err := v.r.MultipartReader()
	if err != nil {
		return answer{}, fault.Wrap("upload-form", "", err)
	}
	vendor := ""
	for {
		part, err := parts.NextPart()
		if err != nil {
			return p.showRing(v, -1, p.words.say(v.lang, "ring.no-file"))
		}
		switch part.FormName() {
		case "vendor":
			b, err := io.ReadAll(io.LimitReader(part, 100))
			if err != nil {
				return answer{}, fault.Wrap("upload-form", "vendor", err)
			}
			vendor = string(b)
		case "file":
			if part.FileName() == "" {
				return p.showRing(v, -1, p.words.say(v.lang, "ring.no-file"))
			}
			n, err := p.opt.Upload.Upload(v.r.Context(), v.caller, vendor, part.FileName(), part)
			if err != nil {
				return p.showRing(v, -1, p.words.say(v.lang, "ring.unread"))
			}
			return p.showRing(v, n, "")
		}
	}
}

func (p *Pages) offline(*visit) (answer, error) {
	return answer{page: "offline", title: "offline.title"}, nil
}
