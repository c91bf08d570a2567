package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// Rings connects participants' rings to the vendor's service.
type Rings interface {
	Link(ctx context.Context, who study.Subject) (desk.Link, error)
	Begin(ctx context.Context, c desk.Caller) (page string, err error)
	Finish(ctx context.Context, c desk.Caller, state, code, refused string) error
	Fetch(ctx context.Context, c desk.Caller) (desk.Took, error)
	Disconnect(ctx context.Context, who study.Subject) error
}

// Uploads takes files that participants' apps wrote out.
type Uploads interface {
	Upload(ctx context.Context, c desk.Caller, name string, r io.Reader) (desk.Took, error)
	// Reading tells of the last file that she sent; false if there is none of late.
	Reading(ctx context.Context, c desk.Caller) (desk.Reading, bool, error)
}

// Ring is how a participant's ring stands.
type Ring struct {
	Ready     bool   `json:"ready" doc:"this server can ask the vendor at all"`
	Since     string `json:"since,omitempty" doc:"when she connected it; absent: it is not connected"`
	Last      string `json:"last,omitempty" doc:"when its nights last came"`
	NeedsHer  bool   `json:"needs_her" doc:"the vendor does not answer to what she allowed any more"`
	Automatic bool   `json:"automatic" doc:"nights are fetched by themselves"`
}

// Took says what became of the nights of a file or of a ring.
type Took struct {
	New       int            `json:"new"`
	Corrected int            `json:"corrected" doc:"told otherwise than before"`
	Again     int            `json:"again" doc:"known as they are"`
	Outside   int            `json:"outside" doc:"that the trial does not ask for"`
	Empty     int            `json:"empty" doc:"without a main sleep"`
	Records   map[string]int `json:"records" doc:"of the nights that it asks for, by what was done with them"`
	Others    []string       `json:"others" nullable:"false" doc:"devices that are not the trial's"`
	Unread    int            `json:"unread" doc:"records that could not be read"`
	Later     bool           `json:"later" doc:"nothing yet: it is being read, and GET /me/device-files tells how far it is"`
}

func tookOf(k desk.Took) Took {
	out := Took{k.New, k.Corrected, k.Again, k.Outside, k.Empty, map[string]int{}, append([]string{}, k.Others...), k.Unread, k.Later}
	for _, d := range k.Records {
		out.Records[string(d.Action)]++
	}
	return out
}

// FileReading is how far a file has come, or what came of it.
type FileReading struct {
	Sent  string `json:"sent"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
	Over  bool   `json:"over"`
	Took  *Took  `json:"took,omitempty" doc:"once it is over"`
	Code  string `json:"code,omitempty" doc:"why it could not be taken"`
}

// FileReadings is the last file that she sent, or none.
type FileReadings struct {
	Last *FileReading `json:"last,omitempty"`
}

// devices is what a participant does about her ring or watch.
func (s *server) devices(mux *http.ServeMux, api huma.API) {
	s.rings(api)
	huma.Register(api, named("see-device-files", "see-own", "/me/device-files", "How far the last file of hers has been read, and what came of it"), s.reading)
	op := done("submit", "send-device-file", http.MethodPut, "/me/device-files/{name}", "Send a file that a wearable's app wrote out, streamed, of 4 GB at most; its nights are recorded, and the same file again records none twice")
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	op.Parameters = []*huma.Param{{Name: "name", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
	op.Responses = map[string]*huma.Response{"200": {
		Description: "read, or laid aside to be read", Content: map[string]*huma.MediaType{"application/json": {Schema: api.OpenAPI().Components.Schemas.Schema(typeOf[Took](), true, "Took")}},
	}}
	api.OpenAPI().AddOperation(&op)
	mux.HandleFunc("PUT "+base+"/me/device-files/{name}", s.sendDeviceFile)
}

func (s *server) rings(api huma.API) {
	const post = http.MethodPost
	huma.Register(api, named("see-ring", "see-own", "/me/ring", "How her ring stands"), func(ctx context.Context, _ *struct{}) (*struct{ Body Ring }, error) {
		return ringed(s, ctx, func(r Rings, c desk.Caller) (*struct{ Body Ring }, error) {
			l, err := r.Link(ctx, c.Subject)
			return &struct{ Body Ring }{Ring{l.Ready, stampOf(l.Since), stampOf(l.Last), l.NeedsHer, l.Automatic}}, err
		})
	})
	type begunOut struct {
		Body struct {
			Page string `json:"page" doc:"the vendor's, on which she consents; its answer comes back to the server's own page"`
		}
	}
	huma.Register(api, done("submit", "connect-ring", post, "/me/ring/connect", "Begin to connect her ring"), func(ctx context.Context, _ *struct{}) (*begunOut, error) {
		return ringed(s, ctx, func(r Rings, c desk.Caller) (*begunOut, error) {
			page, err := r.Begin(ctx, c)
			out := &begunOut{}
			out.Body.Page = page
			return out, err
		})
	})
	huma.Register(api, done("submit", "finish-ring", post, "/me/ring/answer", "Hand in the vendor's answer, once, in the session that asked"), func(ctx context.Context, in *struct {
		Body struct {
			State   string `json:"state" maxLength:"400"`
			Code    string `json:"code,omitempty" maxLength:"2000"`
			Refused string `json:"error,omitempty" maxLength:"400"`
		}
	},
	) (*noBody, error) {
		return ringed(s, ctx, func(r Rings, c desk.Caller) (*noBody, error) {
			return &noBody{}, r.Finish(ctx, c, in.Body.State, in.Body.Code, in.Body.Refused)
		})
	})
	huma.Register(api, done("submit", "fetch-ring", post, "/me/ring/fetch", "Ask for her nights now"), func(ctx context.Context, _ *struct{}) (*struct{ Body Took }, error) {
		return ringed(s, ctx, func(r Rings, c desk.Caller) (*struct{ Body Took }, error) {
			took, err := r.Fetch(ctx, c)
			return &struct{ Body Took }{tookOf(took)}, err
		})
	})
	huma.Register(api, done("submit", "disconnect-ring", http.MethodDelete, "/me/ring", "Forget what she allowed"), func(ctx context.Context, _ *struct{}) (*noBody, error) {
		return ringed(s, ctx, func(r Rings, c desk.Caller) (*noBody, error) { return &noBody{}, r.Disconnect(ctx, c.Subject) })
	})
}

// ringed serves what is about rings, where they can be connected.
func ringed[T any](s *server, ctx context.Context, do func(Rings, desk.Caller) (*T, error)) (*T, error) {
	if s.opts.Rings == nil {
		return nil, problem(fault.New("not-offered", "", "no ring can be connected here"))
	}
	if err := s.herself(ctx, func(desk.Caller, *study.State, *study.Participant) error { return nil }); err != nil {
		return nil, err
	}
	out, err := do(s.opts.Rings, desk.CallerOf(ctx))
	if err != nil {
		return nil, problem(err)
	}
	return out, nil
}

func (s *server) reading(ctx context.Context, _ *struct{}) (*struct{ Body FileReadings }, error) {
	if s.opts.Uploads == nil {
		return nil, problem(noUploads())
	}
	if err := s.herself(ctx, func(desk.Caller, *study.State, *study.Participant) error { return nil }); err != nil {
		return nil, err
	}
	r, there, err := s.opts.Uploads.Reading(ctx, desk.CallerOf(ctx))
	if err != nil {
		return nil, problem(err)
	}
	out := FileReadings{}
	if there {
		out.Last = &FileReading{Sent: stampOf(r.Sent), Done: r.Done, Total: r.Total, Over: r.Over, Code: r.Code}
		if r.Over && r.Code == "" {
			took := tookOf(r.Took)
			out.Last.Took = &took
		}
	}
	return &struct{ Body FileReadings }{out}, nil
}

func noUploads() error { return fault.New("not-offered", "", "no files are taken here") }

func (s *server) sendDeviceFile(w http.ResponseWriter, r *http.Request) {
	caller, err := signedIn(r.Context())
	if err == nil && (caller.Subject == "" || !s.office.May(caller, "submit", caller.Subject)) {
		err = fault.New(desk.CodeForbidden, "submit", "this is not for your role")
	}
	if err == nil && s.opts.Uploads == nil {
		err = noUploads()
	}
	if err == nil {
		var took desk.Took
		body := http.MaxBytesReader(w, io.NopCloser(&patient{r: r.Body, c: http.NewResponseController(w)}), desk.MaxFile)
		if took, err = s.opts.Uploads.Upload(r.Context(), caller, r.PathValue("name"), body); err == nil {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(tookOf(took)) // who went away asks again
			return
		}
	}
	s.write(w, r, problem(err))
}
