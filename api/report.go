package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/protocol"
)

// Report says which report there is.
type Report struct {
	There  bool   `json:"there"`
	Dry    bool   `json:"dry" doc:"it is the last dry run's: its groups are dummies"`
	SHA256 string `json:"sha256,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
	Runs   int    `json:"dry_runs"`
	// Languages are those in which it can be got, English first.
	Languages []protocol.Language `json:"languages" doc:"in which it can be got"`
}

func (s *server) report(api huma.API) {
	huma.Register(api, asked("see-report", "/report", "Which report there is"), func(ctx context.Context, _ *struct{}) (*struct{ Body Report }, error) {
		r, err := s.office.Report(ctx, desk.CallerOf(ctx))
		if err != nil {
			return nil, problem(err)
		}
		return &struct{ Body Report }{Report{r.There, r.Dry, r.File.SHA256, r.File.Bytes, r.Runs, append([]protocol.Language{}, r.Languages()...)}}, nil
	})
	op := named("get-report", "see-report", "/report/file", "The report in a language as it was recorded, checked against its hash")
	op.Responses = map[string]*huma.Response{"200": {Description: "a page that stands alone", Content: map[string]*huma.MediaType{"text/html": {}}}}
	huma.Register(api, op, func(ctx context.Context, in *reportIn) (*pageOut, error) {
		raw, err := s.office.ReportFile(ctx, desk.CallerOf(ctx), in.Lang)
		if err != nil {
			return nil, problem(err)
		}
		name := "report.html"
		if in.Lang != "en" {
			name = "report." + string(in.Lang) + ".html"
		}
		return newPage(name, raw), nil
	})
}

// reportIn asks for the report in a language.
type reportIn struct {
	Lang protocol.Language `query:"lang" enum:"en,sv" default:"en" doc:"the language of the report"`
}

// pageOut is a page that stands alone, to be saved: opened here it runs nothing.
type pageOut struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

func newPage(name string, raw []byte) *pageOut {
	return &pageOut{
		"text/html; charset=utf-8", `Attachment; filename="` + name + `"`,
		"default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; base-uri 'none'; frame-ancestors 'self'", raw,
	}
}
