package access

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/fault"
)

// Cookie is the name of the cookie that holds a session's token.
const Cookie = "dvala"

// Middleware finds out who asks, from the cookie or from Authorization: Bearer,
// and hands that down in the context. Requests that another site made a browser
// send are refused, if they could change something.
func (s *Service) Middleware(next http.Handler) http.Handler {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := s.Resolve(r.Context(), Token(r))
		if err != nil {
			s.notNow(r.Context(), "a session could not be looked up", err)
			http.Error(w, "who you are cannot be looked up just now; nothing was done", http.StatusServiceUnavailable)
			return
		}
		c.From = s.from(r)
		if zone := r.Header.Get("Dvala-Zone"); zone != "" {
			if _, err := civil.Zone(zone); err == nil {
				c.Zone = zone
			}
		}
		if c.Lang == "" {
			c.Lang = language(r)
		}
		if !c.Nobody() {
			w.Header().Set("Cache-Control", "no-store")
		}
		if !c.Nobody() && writing(r) {
			if err := s.mayWrite(r.Context(), c.Account); err != nil {
				var wait desk.Wait
				if errors.As(err, &wait) {
					s.tooMuch(w, r, wait)
					return
				}
				s.notNow(r.Context(), "a write could not be counted", err)
				http.Error(w, "this cannot be written down just now; nothing was done", http.StatusServiceUnavailable)
				return
			}
		}
		next.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), c)))
	})
	guard := http.NewCrossOriginProtection()
	_ = guard.AddTrustedOrigin(strings.TrimSuffix(s.URL(""), "/")) // its form was checked in New
	guarded := guard.Handler(inner)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A program that sends its token by itself was not made to by a page.
		if _, bearer := bearer(r); bearer && !hasCookie(r) {
			inner.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// notNow keeps for the log what this package's own rows could not answer.
func (s *Service) notNow(ctx context.Context, what string, err error) {
	if fault.CodeOf(err) == "" {
		err = fault.Wrap("people-database", "", err)
	}
	if !Failed(ctx, err) {
		s.Log.Error(what, "err", err)
	}
}

func hasCookie(r *http.Request) bool {
	_, err := r.Cookie(Cookie)
	return err == nil
}

func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer")
}

// Token gives the session token that a request holds, or "".
func Token(r *http.Request) string {
	if token, ok := bearer(r); ok {
		return token
	}
	if c, err := r.Cookie(Cookie); err == nil {
		return c.Value
	}
	return ""
}

// Visit describes a request that is about to sign somebody in.
func (s *Service) Visit(r *http.Request) Visit {
	return Visit{Token: Token(r), Label: browser(r.UserAgent()), From: s.from(r), Addr: s.addr(r), Device: deviceOf(r)}
}

// SetCookie gives the browser the token of a session that began.
func (s *Service) SetCookie(w http.ResponseWriter, st Started) {
	l := staffLasting
	if st.Method == MethodScreening {
		l = screeningLasting
	} else if st.Method == MethodInvitation || st.Method == MethodChosen || isParticipantCode(st.Account) {
		l = participantLasting
	}
	s.cookie(w, Cookie, st.Token, l.Most, "/")
	if st.Device != "" {
		s.cookie(w, deviceCookie, st.Device, deviceLasting, "/")
	}
}

// ClearCookie takes it away.
func (s *Service) ClearCookie(w http.ResponseWriter) { s.cookie(w, Cookie, "", -time.Second, "/") }

func (s *Service) cookie(w http.ResponseWriter, name, value string, lasts time.Duration, path string) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: path, MaxAge: int(lasts / time.Second),
		HttpOnly: true, Secure: s.Secure(), SameSite: http.SameSiteLaxMode,
	})
}

// isParticipantCode tells the accounts of participants, whose IDs are capital
// codes, from those of staff, which are small letters.
func isParticipantCode(account string) bool {
	return account != "" && account[0] >= 'A' && account[0] <= 'Z'
}

// addr gives the visitor's address. Behind a proxy that is trusted it is the
// last one that the proxy named: those before it are whatever the visitor wrote.
func (s *Service) addr(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if !s.TrustProxy {
		return network(host)
	}
	all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if last := strings.TrimSpace(all[len(all)-1]); net.ParseIP(last) != nil {
		host = last
	}
	return network(host)
}

// network takes an address for limits: one IPv6 household has 2⁶⁴ of them.
func network(host string) string {
	ip := net.ParseIP(host)
	if ip == nil || ip.To4() != nil {
		return host
	}
	return ip.Mask(net.CIDRMask(64, 128)).String()
}

// from tells where a request came from as the record keeps it: by which way, and
// from what kind of address. The address itself would be personal data.
func (s *Service) from(r *http.Request) string {
	way := "page"
	if strings.HasPrefix(r.URL.Path, "/api/") {
		way = "api"
	}
	ip := net.ParseIP(s.addr(r))
	switch {
	case ip == nil:
		return way
	case ip.IsLoopback():
		return way + ", this machine"
	case ip.IsPrivate() || ip.IsLinkLocalUnicast():
		return way + ", private network"
	}
	return way + ", internet"
}

func language(r *http.Request) string {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		switch tag, _, _ := strings.Cut(strings.TrimSpace(part), ";"); {
		case strings.HasPrefix(strings.ToLower(tag), "sv"):
			return "sv"
		case strings.HasPrefix(strings.ToLower(tag), "en"):
			return "en"
		}
	}
	return "en"
}

// browser names the kind of a browser, for a list of sessions in which somebody
// is to know her own. Nothing finer is kept.
func browser(agent string) string {
	find := func(names ...string) string {
		for _, n := range names {
			if strings.Contains(agent, n) {
				return strings.TrimSuffix(n, "/")
			}
		}
		return ""
	}
	kind := find("Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/")
	system := find("iPhone", "iPad", "Android", "Windows", "Mac OS X", "Linux")
	switch {
	case kind == "" && system == "":
		return "a program"
	case kind == "" || system == "":
		return kind + system
	}
	return kind + " on " + system
}

// RequireStaff lets nobody past who is not signed in as staff; for handlers that
// have no page for others.
func RequireStaff(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c := desk.CallerOf(r.Context()); c.Nobody() || c.Subject != "" {
			http.Error(w, "sign in first", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Sweep removes what has run out: ceremonies, links, limits and sessions that
// ended long ago. The log stays.
func (s *Service) Sweep(ctx context.Context) error {
	return s.Store.Write(ctx, func(w Writer) error { return w.Sweep(ctx, s.Now().Add(-30*24*time.Hour)) })
}

func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
