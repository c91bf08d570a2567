package desktest

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/protocol"
	"dvala/study"
)

// Amend puts a new version of the small trial's protocol into force from a date:
// the file at a path with its version raised to "2" and further texts replaced,
// in pairs. Ivar proposes it and Ines approves.
func (m *Memory) Amend(t testing.TB, path string, at time.Time, from civil.Date, pairs ...string) {
	t.Helper()
	text := string(must(os.ReadFile(path)))
	for i, all := 0, append([]string{`version: "1"`, `version: "2"`}, pairs...); i < len(all); i += 2 {
		if !strings.Contains(text, all[i]) {
			t.Fatalf("no %q in the protocol", all[i])
		}
		text = strings.Replace(text, all[i], all[i+1], 1)
	}
	next, problems := protocol.Parse([]byte(text))
	if err := problems.Err(); err != nil {
		t.Fatal(problems.Text())
	}
	file := must(m.PutBlob("protocol.yaml", []byte(text)))
	m.mu.Lock()
	m.state.UseProtocols(func(sum string, _ study.Instruments) (protocol.Checked, bool) { return next, sum == file.SHA256 })
	m.mu.Unlock()
	tell := func(by string, cmd study.Command) uint64 {
		r, err := m.Tell(context.Background(), cmd, study.Meta{
			At: at, Actor: by, Role: study.RoleInvestigator, Reason: "as approved",
			Signature: &study.Signature{Name: by, Meaning: study.MeansApproval, Method: "passkey"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return r.First
	}
	n := tell("ivar", study.AmendProtocol{Protocol: file, ProtocolHash: next.HashHex(), Version: "2", Summary: "what has been learnt"})
	tell("ines", study.Approve{Proposal: n})
	tell("ivar", study.PutAmendmentInForce{AmendmentInForce: study.AmendmentInForce{Version: "2", Site: "main", From: from}})
}
