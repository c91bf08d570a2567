package api

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// Filed is a file about a person that entries name.
type Filed struct {
	SHA256  string `json:"sha256" doc:"of what is stored, by which it is fetched"`
	Bytes   int64  `json:"bytes" doc:"of what is stored"`
	Name    string `json:"name"`
	Consent int    `json:"consent,omitempty" doc:"it is the copy of this one of her consents, counted from 1"`
	Entry   uint64 `json:"entry,omitempty" doc:"of the night that came of it"`
	Vendor  string `json:"vendor,omitempty"`
	Night   string `json:"night,omitempty"`
}

// FiledPage is a page of a person's files.
type FiledPage struct {
	Files []Filed `json:"files" nullable:"false"`
	Further
}

// fetched gives the files of a person: a list of them, each by its hash, and the
// copies of her consents.
func (s *server) fetched(mux *http.ServeMux, api huma.API) {
	huma.Register(api, named("see-files", "see-file", "/participants/{subject}/files", "Files about a person that entries name: copies of her consents, and what her devices gave"), s.filedOf)
	op := named("get-file", "see-file", "/participants/{subject}/files/by-hash/{sha256}", "One file about a person, in the clear, streamed: of what was put as of what entries name")
	op.Parameters = []*huma.Param{
		{Name: "subject", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
		{Name: "sha256", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
	}
	op.Responses = map[string]*huma.Response{"200": {Description: "the file", Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	api.OpenAPI().AddOperation(&op)
	mux.HandleFunc("GET "+base+"/participants/{subject}/files/by-hash/{sha256}", s.getFile)
	huma.Register(api, named("get-consent-copy", "see-file", "/participants/{subject}/consents/{n}/copy", "The copy of one of a person's consents, counted from 1, as it was stored when she gave it"), s.consentCopy)
}

func (s *server) filedOf(ctx context.Context, in *struct {
	OfPerson
	Page
},
) (*listOut[FiledPage], error) {
	out := FiledPage{Files: []Filed{}}
	who := study.Subject(in.Subject)
	err := s.look(ctx, "see-file", who, func(_ desk.Caller, st *study.State) error {
		part, next, err := paged(desk.FilesOf(st.People[who]), in.Page, func(f desk.Filed) string {
			if f.Consent > 0 {
				return "consent-" + strconv.Itoa(f.Consent)
			}
			return "entry-" + strconv.FormatUint(f.Entry, 10)
		})
		for _, f := range part {
			out.Files = append(out.Files, Filed{f.SHA256, f.Bytes, f.Name, f.Consent, f.Entry, f.Vendor, dateOf(f.Night)})
		}
		out.Next = next
		return err
	})
	return listed(ctx, out.Next, out), err
}

// getFile pours a file out as it is opened: it is never whole in memory.
func (s *server) getFile(w http.ResponseWriter, r *http.Request) {
	caller, err := signedIn(r.Context())
	who := study.Subject(r.PathValue("subject"))
	var file io.ReadCloser
	if err == nil {
		file, err = s.office.OpenFile(r.Context(), caller, who, study.File{SHA256: r.PathValue("sha256")})
	}
	if err != nil {
		s.write(w, r, problem(err))
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", "Attachment")
	pour(w, file)
}

// pour sends a stream for as long as the reader takes it.
func pour(w http.ResponseWriter, from io.Reader) {
	c, part := http.NewResponseController(w), make([]byte, 256<<10)
	for {
		n, err := from.Read(part)
		_ = c.SetWriteDeadline(time.Now().Add(slowest)) // where it cannot be set, the server's own holds
		_, gone := w.Write(part[:n])
		switch {
		case gone != nil || err == io.EOF:
			return
		case err != nil:
			panic(http.ErrAbortHandler) // what is cut off must not look whole
		}
	}
}

// longestCopy bounds the copy of a consent.
const longestCopy = 4 << 20

func (s *server) consentCopy(ctx context.Context, in *struct {
	OfPerson
	N int `path:"n" minimum:"1"`
},
) (*pageOut, error) {
	r, err := s.office.ConsentCopy(ctx, desk.CallerOf(ctx), study.Subject(in.Subject), in.N)
	if err != nil {
		return nil, problem(err)
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, longestCopy))
	if err != nil {
		return nil, problem(fault.Wrap("blob-damaged", "consent", err))
	}
	return newPage("consent-"+strconv.Itoa(in.N)+".html", raw), nil
}
