package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// Stored is a file that was stored: what a command names it by.
type Stored struct {
	SHA256 string `json:"sha256" doc:"of what is stored, which is sealed under the person's key"`
	Bytes  int64  `json:"bytes"`
	Name   string `json:"name"`
}

// files takes a person's files, streamed and sealed under her key as they come,
// of up to 4 GB: they are never whole in memory.
func (s *server) files(mux *http.ServeMux, api huma.API) {
	op := done("put-file", "put-file", http.MethodPut, "/participants/{subject}/files/{name}", "Store a file, streamed, of 4 GB at most; the same file again gives the same answer")
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	op.Parameters = []*huma.Param{
		{Name: "subject", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
		{Name: "name", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
	}
	op.Responses = map[string]*huma.Response{"200": {
		Description: "stored", Content: map[string]*huma.MediaType{"application/json": {Schema: api.OpenAPI().Components.Schemas.Schema(typeOf[Stored](), true, "Stored")}},
	}}
	api.OpenAPI().AddOperation(&op)
	mux.HandleFunc("PUT "+base+"/participants/{subject}/files/{name}", s.putFile)
}

// slowest is how long a client may be silent while it sends a file.
const slowest = time.Minute

func (s *server) putFile(w http.ResponseWriter, r *http.Request) {
	caller, err := signedIn(r.Context())
	who := study.Subject(r.PathValue("subject"))
	if err == nil && !s.office.May(caller, "put-file", who) {
		err = fault.New(desk.CodeForbidden, "put-file", "this is not for your role")
	}
	if err == nil {
		var f study.File
		body := &patient{r: r.Body, c: http.NewResponseController(w)}
		if f, err = s.office.PutFile(r.Context(), caller, who, r.PathValue("name"), body); err == nil {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(Stored{f.SHA256, f.Bytes, f.Name}) // who went away asks again
			return
		}
	}
	s.write(w, r, problem(err))
}

// patient reads a body for as long as something comes: the server's own
// deadline is for short requests.
type patient struct {
	r io.Reader
	c *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	until := time.Now().Add(slowest)
	_ = p.c.SetReadDeadline(until) // where it cannot be set, the server's own holds
	_ = p.c.SetWriteDeadline(until.Add(slowest))
	return p.r.Read(b)
}

// attachments are the files that commands of staff name: a part in an emergency,
// a list that goes on, a new protocol, the openings. They are stored as they
// come, for whoever may give the command.
func (s *server) attachments(api huma.API) {
	for action, path := range map[string]string{
		"grant-unblinding": "/participants/{subject}/grant-unblinding/file", "extend-list": "/trial/extend-list/file",
		"amend-protocol": "/trial/amend-protocol/file", "open-allocations": "/trial/open-allocations/file",
	} {
		op := done(desk.Action(action), "attach-"+action, http.MethodPut, path, "Store the file that this command names, as it is")
		op.Tags, op.MaxBodyBytes = []string{"files"}, longestAttachment
		if strings.Contains(path, "{subject}") {
			huma.Register(api, op, func(ctx context.Context, in *struct {
				OfPerson
				Attachment
			},
			) (*storedOut, error) {
				return s.attach(ctx, desk.Action(action), study.Subject(in.Subject), in.Attachment)
			})
			continue
		}
		huma.Register(api, op, func(ctx context.Context, in *Attachment) (*storedOut, error) {
			return s.attach(ctx, desk.Action(action), "", *in)
		})
	}
}

// longestAttachment is as long as a file that a page of the desk takes.
const longestAttachment = 64 << 20

// Attachment is a file that a command names.
type Attachment struct {
	Name    string `query:"name" maxLength:"200" doc:"what the file is called"`
	RawBody []byte `contentType:"application/octet-stream"`
}

type storedOut struct{ Body Stored }

func (s *server) attach(ctx context.Context, a desk.Action, who study.Subject, in Attachment) (*storedOut, error) {
	caller, err := signedIn(ctx)
	if err != nil {
		return nil, problem(err)
	}
	if len(in.RawBody) == 0 {
		return nil, problem(fault.New("file-empty", "body", "the file is empty"))
	}
	f, err := s.office.Attach(ctx, caller, a, who, path.Base("/"+strings.ReplaceAll(in.Name, `\`, "/")), in.RawBody)
	if err != nil {
		return nil, problem(err)
	}
	return &storedOut{Stored{f.SHA256, f.Bytes, f.Name}}, nil
}
