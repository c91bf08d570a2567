package oura

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const told = `{"event_type":"update","data_type":"sleep","object_id":"x","event_time":"2026-11-23T12:00:00+00:00","user_id":"u"}`

func post(h http.Handler, body, timestamp, signature string) int {
	r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(body))
	r.Header.Set("x-oura-timestamp", timestamp)
	r.Header.Set("x-oura-signature", signature)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// The signature, by openssl: printf '%s' '1234567890{}' | openssl dgst -sha256
// -hmac secret, in capitals.
func TestSignature(t *testing.T) {
	if got := Sign("secret", "1234567890", []byte("{}")); got != opensslSays {
		t.Errorf("%s", got)
	}
}

// An event is taken once, if it is signed, whole and of now.
func TestEvents(t *testing.T) {
	var taken []Event
	h := &Hook{Secret: "secret", Verification: "v", Now: func() time.Time { return noon }, Take: func(e Event) { taken = append(taken, e) }}
	now := strconv.FormatInt(noon.Unix(), 10)
	for _, c := range []struct {
		name, body, timestamp, signature string
		want                             int
	}{
		{"signed", told, now, Sign("secret", now, []byte(told)), 200},
		{"again", told, now, Sign("secret", now, []byte(told)), 200},
		{"in small letters", told, now, strings.ToLower(Sign("secret", now, []byte(told))), 200},
		{"not signed", told, now, "", 401},
		{"by another", told, now, Sign("other", now, []byte(told)), 401},
		{"changed", strings.Replace(told, "update", "delete", 1), now, Sign("secret", now, []byte(told)), 401},
		{"of yesterday", told, "1795300000", Sign("secret", "1795300000", []byte(told)), 401},
		{"without a time", told, "", Sign("secret", "", []byte(told)), 401},
		{"no event", "{}", now, Sign("secret", now, []byte("{}")), 400},
		{"too large", strings.Repeat(" ", maxEvent+1), now, "x", 413},
		{"in milliseconds", told, now + "000", Sign("secret", now+"000", []byte(told)), 200},
		{"as a date", told, "2026-11-23T12:01:00Z", Sign("secret", "2026-11-23T12:01:00Z", []byte(told)), 200},
	} {
		if got := post(h, c.body, c.timestamp, c.signature); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if len(taken) != 3 || taken[0].Object != "x" {
		t.Errorf("%v", taken)
	}
	if got := post(&Hook{Now: h.Now}, told, now, Sign("", now, []byte(told))); got != 401 {
		t.Errorf("without a secret: %d", got)
	}
	for address, want := range map[string]int{"/hook?verification_token=v&challenge=abc": 200, "/hook?verification_token=w&challenge=abc": 401} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
		if w.Code != want || want == 200 && strings.TrimSpace(w.Body.String()) != `{"challenge":"abc"}` {
			t.Errorf("%s: %d %s", address, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/hook", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Error(w.Code)
	}
}

// What was seen is forgotten when it could not pass any more.
func TestSeenIsForgotten(t *testing.T) {
	at := noon
	h := &Hook{Secret: "s", Now: func() time.Time { return at }, Take: func(Event) {}}
	for range 100 {
		stamp := strconv.FormatInt(at.Unix(), 10)
		if got := post(h, told, stamp, Sign("s", stamp, []byte(told))); got != 200 {
			t.Fatal(got)
		}
		at = at.Add(time.Minute)
	}
	if len(h.seen) > 12 {
		t.Errorf("%d are remembered", len(h.seen))
	}
}

func TestSubscriptions(t *testing.T) {
	_, server := newCloud(t)
	api, _ := client(server)
	s, err := api.Subscribe(ctx, Subscription{Callback: "https://trial.example/hook", Event: "update", Type: "sleep"}, "v")
	if err != nil || s.ID != "0" {
		t.Fatal(s, err)
	}
	if renewed, err := api.Renew(ctx, s.Expires.AddDate(0, 0, -1)); err != nil || len(renewed) != 0 {
		t.Error(renewed, err)
	}
	renewed, err := api.Renew(ctx, s.Expires.AddDate(0, 0, 7))
	if err != nil || len(renewed) != 1 || !renewed[0].Expires.After(s.Expires) {
		t.Error(renewed, err)
	}
	if err := api.Unsubscribe(ctx, "0"); err != nil {
		t.Error(err)
	}
	api.Token.Secret = "other"
	_, err = api.Renew(ctx, noon)
	code(t, err, "oura-refused")
}

func FuzzHook(f *testing.F) {
	f.Add([]byte(told), "1795435200")
	f.Fuzz(func(t *testing.T, body []byte, timestamp string) {
		h := &Hook{Secret: "s", Now: func() time.Time { return noon }, Take: func(Event) {}}
		signed := Sign("s", timestamp, body)
		head := http.Header{"X-Oura-Timestamp": {timestamp}, "X-Oura-Signature": {signed}}
		if e, status := h.check(head, body); (e != nil) != (status == http.StatusOK) {
			t.Fatalf("%v %d", e, status)
		}
		head.Set("X-Oura-Signature", Sign("t", timestamp, bytes.Clone(body)))
		if _, status := h.check(head, body); status != http.StatusUnauthorized {
			t.Fatalf("another's signature gets %d", status)
		}
	})
}

const opensslSays = "F119924464BFFF2582EEF3306ED3A1A351AF96E6B65CA75D9F7A8D86B61E716C"
