package access

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"dvala/desk"
)

// What the access log tells (ICH E6(R3) 4.2.2: creation of accounts, changes of
// roles, access).
const (
	LogAccountAdded   = "account-added"
	LogAccountClosed  = "account-closed"
	LogAccountOpened  = "account-opened"
	LogRoleGiven      = "role-given"
	LogRoleRevoked    = "role-revoked"
	LogInvited        = "invited"
	LogRevoked        = "invitation-revoked"
	LogLinkMade       = "link-made"
	LogSignedIn       = "signed-in"
	LogRefused        = "sign-in-refused"
	LogSessionEnded   = "session-ended"
	LogTokenIssued    = "token-issued"
	LogPasskeyAdded   = "passkey-added"
	LogPasskeyDropped = "passkey-dropped"
	LogProved         = "proved"
	LogSigned         = "signed"
	LogIdentityShown  = "identity-shown"
)

// LogEntry is one line of the access log.
type LogEntry struct {
	Seq     int64     `json:"seq"` // from 1
	At      time.Time `json:"at"`
	Actor   string    `json:"actor,omitempty"` // account
	Session string    `json:"session,omitempty"`
	From    string    `json:"from,omitempty"` // class of address and way
	What    string    `json:"what"`
	Account string    `json:"account,omitempty"` // whom it is about
	Detail  string    `json:"detail,omitempty"`
	Hash    string    `json:"-"` // of this entry and all before it
}

// Chain gives the hash of an entry that follows one with the hash before it:
//
//	hash = SHA-256(before ‖ "\n" ‖ entry as JSON)
func Chain(before string, e LogEntry) (string, error) {
	line, err := e.Line()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(before + "\n" + line))
	return hex.EncodeToString(sum[:]), nil
}

// Line gives an entry as the text that is hashed: one line of JSON.
func (e LogEntry) Line() (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	e.At = e.At.UTC().Truncate(time.Microsecond)
	if err := enc.Encode(e); err != nil {
		return "", err
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

func (s *Service) log(ctx context.Context, w Writer, by desk.Caller, what, account, detail string) error {
	return w.AddLog(ctx, LogEntry{
		At: s.Now().UTC().Truncate(time.Microsecond), Actor: by.Account, Session: by.Session, From: by.From,
		What: what, Account: account, Detail: clip(detail, 400),
	})
}

// Record adds a line in a caller's name, for what others do with people's
// accounts and identities.
func (s *Service) Record(ctx context.Context, by desk.Caller, what, account, detail string) error {
	return s.Store.Write(ctx, func(w Writer) error { return s.log(ctx, w, by, what, account, detail) })
}

// AccessLog gives n entries from one on, counted from 1.
func (s *Service) AccessLog(ctx context.Context, by desk.Caller, from, n int64) ([]LogEntry, error) {
	if _, err := s.Door.Allow(by, "see-access-log", "", ""); err != nil {
		return nil, err
	}
	return s.Store.LogEntries(ctx, max(from, 1), min(max(n, 0), 1000))
}

// LatestLog gives the n entries before one, the newest first, and whether there
// are older ones; before 0 begins with the last there is.
func (s *Service) LatestLog(ctx context.Context, by desk.Caller, before, n int64) (out []LogEntry, older bool, err error) {
	if _, err := s.Door.Allow(by, "see-access-log", "", ""); err != nil {
		return nil, false, err
	}
	if before <= 0 {
		if before, _, err = s.Store.LogHead(ctx); err != nil {
			return nil, false, err
		}
		before++
	}
	from := max(before-min(max(n, 0), 1000), 1)
	if out, err = s.Store.LogEntries(ctx, from, before-from); err != nil {
		return nil, false, err
	}
	slices.Reverse(out)
	return out, from > 1, nil
}
