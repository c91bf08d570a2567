package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
)

// changes tells readers that something was written: the number of entries and
// nothing of what is in them, as server-sent events. A page then asks again for
// what it shows. A comment every 20 seconds keeps the line open.
func (s *server) changes(mux *http.ServeMux, api huma.API) {
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "see-changes", Method: http.MethodGet, Path: base + "/changes", Tags: []string{"questions"},
		Extensions: map[string]any{actionMark: "see-changes"},
		Summary:    "Server-sent events: an event named entries whenever something was written, its data the number of entries",
		Responses: map[string]*huma.Response{"200": {
			Description: "a stream", Content: map[string]*huma.MediaType{"text/event-stream": {}},
		}},
	})
	mux.HandleFunc("GET "+base+"/changes", s.follow)
}

const alive = 20 * time.Second

func (s *server) follow(w http.ResponseWriter, r *http.Request) {
	caller, err := signedIn(r.Context())
	if err == nil && !s.office.May(caller, "see-changes", "") {
		_, err = desk.As(caller, "see-changes", "", "", s.office.Now())
	}
	if err != nil {
		s.write(w, problem(err))
		return
	}
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	poll := time.NewTicker(s.opts.Poll)
	defer poll.Stop()
	last, spoke := ^uint64(0), time.Time{}
	for {
		line, err := s.news(r.Context(), &last, time.Since(spoke))
		if err != nil {
			return // the reader asks again by itself
		}
		if line != "" {
			_ = out.SetWriteDeadline(time.Now().Add(alive)) // the server's own deadline is for whole answers
			if _, err := fmt.Fprint(w, line); err != nil || out.Flush() != nil {
				return
			}
			spoke = time.Now()
		}
		select {
		case <-poll.C:
		case <-r.Context().Done():
			return
		}
	}
}

// news gives the next lines of the stream, or none.
func (s *server) news(ctx context.Context, last *uint64, silent time.Duration) (string, error) {
	n, err := s.office.Size(ctx)
	switch {
	case err != nil:
		return "", err
	case n != *last:
		*last = n
		return fmt.Sprintf("event: entries\nid: %d\ndata: %d\n\n", n, n), nil
	case silent > alive:
		return ": still here\n\n", nil
	}
	return "", nil
}
