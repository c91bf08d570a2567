package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"dvala/store"
	"dvala/store/sqldb/pgtest"
)

// Each service that is configured is tried, and left as it was; one that does not
// answer, or lies about its name, fails; one that is not configured is skipped.
func TestConfigurationIsTried(t *testing.T) {
	memory := s3mem.New()
	if err := memory.CreateBucket("trial"); err != nil {
		t.Fatal(err)
	}
	bucket := httptest.NewServer(gofakes3.New(memory).Server())
	t.Cleanup(bucket.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "made")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "up")
	var name string
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/.well-known/openid-configuration" {
			_ = json.NewEncoder(w).Encode(map[string]any{"issuer": name, "authorization_endpoint": name + "/a", "token_endpoint": name + "/t", "jwks_uri": name + "/k"})
		}
	}))
	t.Cleanup(provider.Close)
	name = provider.URL
	port, _ := mailServer(t)
	database := pgtest.Start(t).URL(t)
	q := &qualification{Program: &Program{Now: time.Now}, ctx: t.Context(), dir: t.TempDir(), with: configured{
		database: database, blobs: "s3://trial/small?region=us-east-1&insecure=1&endpoint=" + strings.TrimPrefix(bucket.URL, "http://"),
		sso: SignOn{Issuer: name, Client: "dvala"}, mail: MailFlags{MailHost: "127.0.0.1", MailPort: port, MailPlain: true},
	}}
	results := func() (out string) {
		for _, test := range qualifications {
			switch test.id {
			case "IQ-07", "IQ-08", "IQ-09", "IQ-10":
				r := q.run(test)
				out += r.Result + " "
				if r.Result == failed {
					out += "(" + r.Detail + ") "
				}
			}
		}
		return strings.TrimSpace(out)
	}
	if got := results(); got != "passed passed passed passed" {
		t.Error(got)
	}
	if left := sure(memory.ListBucket("trial", nil, gofakes3.ListBucketPage{})); len(left.Contents) > 0 {
		t.Errorf("%d objects are left", len(left.Contents))
	}
	if left := sure(store.Trials(t.Context(), database)); len(left) > 0 {
		t.Error("left in the database:", left)
	}
	name = "https://somebody.example"
	bucket.Close()
	q.with.mail.MailPort = sure(strconv.Atoi(freePort(t)))
	q.with.database = "postgres://nobody@127.0.0.1:1/none?connect_timeout=1"
	if got := results(); strings.Count(got, failed+" (") != 4 {
		t.Error("what does not answer:", got)
	}
	q.with = configured{}
	if got := results(); got != "skipped skipped skipped skipped" {
		t.Error("what is not configured:", got)
	}
	q.with.blobs = t.TempDir()
	if got := results(); got != "skipped passed skipped skipped" {
		t.Error("a folder:", got)
	}
}
