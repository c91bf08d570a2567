package api

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
)

// Work is a piece of work that takes long.
type Work struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	By    string `json:"by" doc:"the account that asked for it"`
	State string `json:"state" enum:"waiting,running,done,failed"`
	Done  int    `json:"done,omitempty" doc:"how far it has come"`
	Of    int    `json:"of,omitempty"`
	Says  string `json:"says,omitempty" doc:"what it came to, or why it failed"`
	File  string `json:"file,omitempty" doc:"the name of what it made, which lies below it as /file"`
	Bytes int64  `json:"bytes,omitempty"`
	Began string `json:"began"`
	Ended string `json:"ended,omitempty"`
}

func workOf(j desk.Job) Work {
	return Work{
		ID: j.ID, Kind: j.Kind, By: j.By, State: string(j.State), Done: j.Done, Of: j.Of, Says: j.Says, File: j.File, Bytes: j.Bytes,
		Began: stampOf(j.Began), Ended: stampOf(j.Ended),
	}
}

// Works is a page of pieces of work.
type Works struct {
	Work []Work `json:"work" nullable:"false"`
	Further
}

type beginning struct {
	Key string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"200" doc:"the same key begins nothing twice"`
}

// work begins, tells of and hands out what takes long: exports, the dry run and
// the report.
func (s *server) work(mux *http.ServeMux, api huma.API) {
	for _, k := range desk.WorkKinds() {
		op := done(k.Action, "begin-"+k.Kind, http.MethodPost, "/jobs/"+k.Kind, "Begin: "+strings.ToLower(k.Name[:1])+k.Name[1:]+". What runs already is not begun again")
		op.Tags = []string{"work"}
		huma.Register(api, op, func(ctx context.Context, in *beginning) (*struct{ Body Work }, error) {
			caller, err := signedIn(ctx)
			if err == nil && s.opts.Work == nil {
				err = fault.New("not-offered", k.Kind, "no work is done here")
			}
			if err == nil && s.opts.Access != nil {
				err = s.opts.Access.Allow(ctx, "work:"+caller.Account, access.WorkBucket)
			}
			var j desk.Job
			if err == nil {
				j, err = s.office.BeginWork(ctx, s.opts.Work, caller, k.Kind, in.Key)
			}
			if err != nil {
				return nil, problem(err)
			}
			return &struct{ Body Work }{workOf(j)}, nil
		})
	}
	list := asked("see-overview", "/jobs", "What was begun of the kinds that are the caller's, the newest first, and how far it has come")
	list.OperationID, list.Tags = "see-work", []string{"work"}
	huma.Register(api, list, func(ctx context.Context, in *struct {
		Page
		Kind string `query:"kind" doc:"only of this kind"`
	},
	) (*listOut[Works], error) {
		caller, err := signedIn(ctx)
		if err != nil {
			return nil, problem(err)
		}
		all, err := s.office.WorkOf(ctx, s.opts.Work, caller)
		if err != nil {
			return nil, problem(err)
		}
		if in.Kind != "" {
			all = slices.DeleteFunc(all, func(j desk.Job) bool { return j.Kind != in.Kind })
		}
		part, next, err := paged(all, in.Page, func(j desk.Job) string { return j.ID })
		if err != nil {
			return nil, problem(err)
		}
		out := Works{[]Work{}, Further{next}}
		for _, j := range part {
			out.Work = append(out.Work, workOf(j))
		}
		return listed(ctx, next, out), nil
	})
	op := asked("see-overview", "/jobs/{job}/file", "What a piece of work has made, streamed; for whoever may begin such work")
	op.OperationID, op.Tags = "get-work-file", []string{"work"}
	op.Parameters = []*huma.Param{{Name: "job", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
	op.Responses = map[string]*huma.Response{"200": {Description: "a zip", Content: map[string]*huma.MediaType{
		"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	api.OpenAPI().AddOperation(&op)
	mux.HandleFunc("GET "+base+"/jobs/{job}/file", s.workFile)
}

func (s *server) workFile(w http.ResponseWriter, r *http.Request) {
	caller, err := signedIn(r.Context())
	if err == nil {
		_, err = s.office.Allow(caller, "see-overview", "", "")
	}
	var j desk.Job
	var file io.ReadCloser
	if err == nil {
		j, file, err = s.office.WorkFile(r.Context(), s.opts.Work, caller, r.PathValue("job"))
	}
	if err != nil {
		s.write(w, r, problem(err))
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `Attachment; filename="`+j.File+`"`)
	w.Header().Set("Content-Length", strconv.FormatInt(j.Bytes, 10))
	c, part := http.NewResponseController(w), make([]byte, 256<<10)
	for {
		n, err := file.Read(part)
		_ = c.SetWriteDeadline(time.Now().Add(slowest)) // where it cannot be set, the server's own holds
		if _, gone := w.Write(part[:n]); gone != nil || err != nil {
			return // what was cut off is shorter than its length says
		}
	}
}
