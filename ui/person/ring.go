package person

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
	"dvala/wearable"
)

// Uploader takes a file that a wearable's app wrote out.
type Uploader interface {
	Upload(ctx context.Context, c desk.Caller, name string, r io.Reader) (Took, error)
}

// Reader tells of files that are read while the person does something else. An
// Uploader may be one.
type Reader interface {
	// Reading tells of the last file that she sent; false if there is none of late.
	Reading(ctx context.Context, c desk.Caller) (Reading, bool, error)
}

// What a file and a ring come to is the same for pages and API.
type (
	Reading = desk.Reading
	Took    = desk.Took
	Link    = desk.Link
)

// RingLink connects a person's Oura ring.
type RingLink interface {
	// Link says how it stands.
	Link(ctx context.Context, who study.Subject) (Link, error)
	// Begin gives the page of the vendor's on which the person consents; the
	// answer is good for her session alone.
	Begin(ctx context.Context, c desk.Caller) (page string, err error)
	// Finish takes the answer with which the vendor sent her back.
	Finish(ctx context.Context, c desk.Caller, state, code, refused string) error
	// Fetch asks for her nights.
	Fetch(ctx context.Context, c desk.Caller) (Took, error)
	// Disconnect forgets what she allowed.
	Disconnect(ctx context.Context, who study.Subject) error
}

// ringPage connects a ring or takes a file.
type ringPage struct {
	Devices      []deviceHow
	Oura, Upload bool
	Link         Link
	Go           string // the vendor's page, where she consents
	Took         *becameOf
	Reading      *Reading // a file that is still being read
	Problem      string
	First        bool
	Asked        bool // the protocol asks for a device
}

// deviceHow is a device as people call it, and how its app gives a file.
type deviceHow struct{ Name, How string }

// becameOf is what became of a file, in sentences.
type becameOf struct {
	Lines []string
}

func (p *Pages) ring(v *visit) (answer, error) { return p.showRing(v, ringPage{}) }

func (p *Pages) showRing(v *visit, page ringPage) (answer, error) {
	page.Upload, page.First = p.opt.Upload != nil, v.r.URL.Query().Get("first") != ""
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		for _, d := range inForce(s, person, v.now).Devices {
			page.Devices = append(page.Devices, deviceHow{p.device(v.lang, d.Vendor), p.words.maybe(v.lang, "ring.how."+d.Vendor)})
			page.Oura = page.Oura || d.Vendor == "oura"
		}
		page.Asked = len(page.Devices) > 0
		return nil
	})
	if err == nil && page.Oura && p.opt.Ring != nil {
		page.Link, err = p.opt.Ring.Link(v.r.Context(), v.caller.Subject)
	}
	if reader, is := p.opt.Upload.(Reader); err == nil && is && page.Took == nil && page.Problem == "" {
		err = p.tellReading(v, reader, &page)
	}
	return answer{page: "ring", title: "ring.title", data: page}, err
}

// tellReading says how far a file has come, or what came of it.
func (p *Pages) tellReading(v *visit, reader Reader, page *ringPage) error {
	r, there, err := reader.Reading(v.r.Context(), v.caller)
	switch {
	case err != nil || !there:
		return err
	case !r.Over:
		page.Reading = &r
	case r.Code != "":
		page.Problem = p.words.say(v.lang, p.uploadProblem(fault.New(fault.Code(r.Code), "", "")))
	default:
		page.Took = p.tellNights(v.lang, r.Took)
	}
	return nil
}

// device gives a vendor's name as people say it.
func (p *Pages) device(lang, vendor string) string {
	if _, ok := p.words.of["device."+vendor]; ok {
		return p.words.say(lang, "device."+vendor)
	}
	return vendor
}

// tellNights says what became of nights, in sentences.
func (p *Pages) tellNights(lang string, k Took) *becameOf {
	out := &becameOf{}
	add := func(key string, n int) {
		if n > 0 {
			out.Lines = append(out.Lines, p.words.count(lang, key, n))
		}
	}
	add("ring.new", k.New)
	add("ring.corrected", k.Corrected)
	add("ring.again", k.Again)
	if k.New+k.Corrected+k.Again == 0 {
		out.Lines = append(out.Lines, p.words.say(lang, "ring.nothing"))
	}
	add("ring.outside", k.Outside)
	add("ring.empty", k.Empty)
	counts := map[wearable.Action]int{}
	for _, d := range k.Records {
		counts[d.Action]++
	}
	for _, a := range []wearable.Action{wearable.Merged, wearable.Nap, wearable.Superseded, wearable.Dropped} {
		add("ring."+string(a), counts[a])
	}
	add("ring.unread-records", k.Unread)
	for _, vendor := range k.Others {
		out.Lines = append(out.Lines, p.words.say(lang, "ring.other", "device", p.device(lang, vendor)))
	}
	return out
}

// largestUpload bounds a wearable's file.
const largestUpload = desk.MaxFile

// slowest is how long a file may pause on its way.
const slowest = 60 * time.Second

// patient reads a body for as long as something comes: the server's own deadline
// is for short requests.
type patient struct {
	io.ReadCloser
	c *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	until := time.Now().Add(slowest)
	_ = p.c.SetReadDeadline(until) // where it cannot be set, the server's own holds
	_ = p.c.SetWriteDeadline(until.Add(10 * slowest))
	return p.ReadCloser.Read(b)
}

func (p *Pages) saveRing(v *visit) (answer, error) {
	if err := p.me(v, func(*study.State, *study.Participant) error { return nil }); err != nil {
		return answer{}, err
	}
	if !strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/") {
		return p.link(v)
	}
	if p.opt.Upload == nil {
		return answer{}, fault.New("page-unknown", v.r.URL.Path, "no files are taken here")
	}
	v.r.Body = http.MaxBytesReader(v.w, &patient{v.r.Body, http.NewResponseController(v.w)}, largestUpload)
	parts, err := v.r.MultipartReader()
	if err != nil {
		return answer{}, fault.Wrap("upload-form", "", err)
	}
	for {
		part, err := parts.NextPart()
		if err != nil || part.FormName() == "file" && part.FileName() == "" {
			return p.ringProblem(v, "ring.no-file")
		}
		if part.FormName() != "file" {
			continue
		}
		took, err := p.opt.Upload.Upload(v.r.Context(), v.caller, part.FileName(), part)
		if err != nil {
			return p.ringProblem(v, p.uploadProblem(err))
		}
		if took.Later {
			return answer{to: "/me/ring"}, nil
		}
		return p.showRing(v, ringPage{Took: p.tellNights(v.lang, took)})
	}
}

// uploadProblem gives the key of what is said of a file that could not be taken.
func (p *Pages) uploadProblem(err error) string {
	if code := string(fault.CodeOf(err)); code != "" {
		for _, key := range []string{"ring.problem." + code, "problem." + code} {
			if _, ok := p.words.of[key]; ok {
				return key
			}
		}
	}
	return "ring.unread"
}

func (p *Pages) ringProblem(v *visit, key string) (answer, error) {
	a, err := p.showRing(v, ringPage{Problem: p.words.say(v.lang, key)})
	a.status = http.StatusUnprocessableEntity
	return a, err
}
