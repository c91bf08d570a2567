package api

import (
	"encoding/json"
	"io"
	"net/http"
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
	write(w, problem(err))
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
