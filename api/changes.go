package api

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/access"
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

const (
	alive   = 20 * time.Second
	streams = 8 // of one account at a server at once, where nothing is said
)

func (s *server) follow(w http.ResponseWriter, r *http.Request) {
	caller, err := signedIn(r.Context())
	if err == nil && !s.office.May(caller, "see-changes", "") {
		_, err = desk.As(caller, "see-changes", "", "", s.office.Now())
	}
	if err == nil && !s.open.enter(caller.Account, s.opts.Streams) {
		err = access.Waiting(alive)
	}
	if err != nil {
		s.write(w, r, problem(err))
		return
	}
	defer s.open.leave(caller.Account)
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
			if !s.still(r, caller) {
				return
			}
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

// still says whether who began a stream may go on to read it: her session is in
// force, and the action hers. It is asked before every line, and so every 20
// seconds at least.
func (s *server) still(r *http.Request, was desk.Caller) bool {
	if s.opts.Access == nil {
		return s.office.May(was, "see-changes", "")
	}
	now, err := s.opts.Access.Still(r.Context(), access.Token(r))
	return err == nil && now.Account == was.Account && now.Session == was.Session && s.office.May(now, "see-changes", "")
}

// readers counts the streams of each account.
type readers struct {
	mu sync.Mutex
	of map[string]int
}

func (r *readers) enter(account string, most int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of[account] >= most {
		return false
	}
	if r.of == nil {
		r.of = map[string]int{}
	}
	r.of[account]++
	return true
}

func (r *readers) leave(account string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of[account]--; r.of[account] <= 0 {
		delete(r.of, account)
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
