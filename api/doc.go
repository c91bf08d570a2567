// Package api is a trial over HTTP and JSON: every command and every question
// of package desk under a path of its own, described by OpenAPI 3.1. It has no
// rules: who may do what is the desk's table, what a command leads to is decided
// by package study.
//
//	POST /api/v1/trial/NAME                        a command about the trial, or a screening
//	POST /api/v1/participants/CODE/NAME            a command about a person
//	POST /api/v1/me/entries                        what a person's device has queued, exactly once each
//	GET  /api/v1/overview, /participants, …        questions, with ETags and pages
//	GET  /api/v1/day, /screening, /adverse-events, /queries, /stock, /compliance, …
//	                                               what the desk's pages show, in pages
//	GET  /api/v1/me, /me/past, /me/data, /me/ring, …   what a participant's pages show
//	PUT  /api/v1/participants/CODE/files/NAME      a file, streamed
//	POST /api/v1/jobs/KIND                         what takes long: exports, dry run, report
//	GET  /api/v1/jobs, /jobs/ID/file               how far it is, and what it made
//	GET  /api/v1/changes                           server-sent events: that something was written
//	GET  /api/v1/openapi.yaml                      this API
//
// Every operation names, under x-action, the desk's action that it takes; what is
// not in the desk's table is refused, and a test walks all of them.
//
// Every answer to a GET has an ETag, and none that is about people may be stored by
// a browser. What is replaced whole, who somebody is, names by If-Match the version
// that was read; another is 412 and changes nothing. Everything else is added, or
// says itself which entry or version it changes.
//
// Every command carries an Idempotency-Key: the same key is never done twice, and
// is answered as the first time, for as long as the trial lasts. What else would do
// harm a second time (accounts, roles, links, invitations, tokens, what was held)
// takes one, and keeps it for 30 days; an answer that holds a secret is kept under
// the token of the session that asked, and told again to that session alone. A
// request that a server's end broke off can be made again under its key after two
// minutes; if it had been done by then, it says so as any second request does (there
// is such an account). The rest says under x-repeat why it needs no key. Problems are those of RFC 9457, with our code,
// place, hint, and all that is wrong at once under "problems".
//
//go:generate go run dvala/internal/house/openapi
package api
