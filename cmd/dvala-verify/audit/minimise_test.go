package audit_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"testing"
	"testing/fstest"

	"filippo.io/age"

	"dvala/cmd/dvala-verify/audit"
	"dvala/custody"
	"dvala/fault"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
)

// minimised is a trial that minimises being written, with the custodian's secrets.
type minimised struct {
	*trial
	attendant *custody.Attendant
	secret    seal.LiveSecret
	asked     []custody.Asked
}

func beginMinimised(t testing.TB) *minimised {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	custodian, err := custody.NewKey(noon, false)
	must(err)
	raw, err := os.ReadFile("../../../examples/two-sites/protocol.yaml")
	must(err)
	raw = bytes.Replace(raw, []byte(protocol.RecipientPlaceholder), []byte(custodian.Recipient().String()), 1)
	raw = bytes.Replace(raw, []byte("participants: 80"), []byte("participants: 10"), 1)
	raw = bytes.Replace(raw, []byte("slots_per_cell: 80"), []byte("slots_per_cell: 10"), 1)
	c, problems := protocol.Parse(raw)
	must(problems.Err())
	s, err := custody.Seal(c, custody.Options{})
	must(err)
	o, err := custody.OpenAll(custodian, s.List)
	must(err)
	a, err := custody.Attend(custodian, s.List, c)
	must(err)
	ids, err := age.ParseIdentities(bytes.NewReader(custodian.File()))
	must(err)
	r, err := age.Decrypt(bytes.NewReader(s.List.Header().Live.Secret), ids...)
	must(err)
	hidden, err := io.ReadAll(r)
	must(err)
	secret, err := seal.ParseLiveSecret(hidden)
	must(err)
	key, err := ledger.GenerateKey(rand.Reader, c.ID())
	must(err)
	x := &trial{t: t, key: key, list: s.List, openings: o, protocol: c, files: fstest.MapFS{
		audit.ProtocolFile: {Data: raw}, audit.ListFile: {Data: s.List.Bytes()},
	}}
	x.add("opened", "", data{
		"trial": c.ID(), "protocol_hash": c.HashHex(), "sealing": s.List.Header().Sealing, "instruments": x.instruments(),
		"protocol_file": x.keep(audit.ProtocolFile, raw), "sealed_file": x.keep(audit.ListFile, s.List.Bytes()),
	})
	return &minimised{trial: x, attendant: a, secret: secret}
}

func (x *minimised) ask(n int) string {
	who, site := fmt.Sprintf("P%04d", n+1), []string{"north", "south"}[n%2]
	levels := []string{site, []string{"female", "male"}[n/2%2], []string{"<15", ">=15"}[n/3%2], "<45"}
	x.asked = append(x.asked, custody.Asked{Turn: seal.Turn{Entry: x.log.Size(), Cell: "site=" + site, Levels: levels}})
	x.add("allocation-requested", who, data{"cell": "site=" + site, "levels": levels})
	return who
}

// honest gives the answer that the custodian's process gives.
func (x *minimised) honest() seal.Reply {
	r, waits, err := x.attendant.Next(x.asked)
	if err != nil || !waits {
		x.t.Fatal(waits, err)
	}
	return r
}

// signs gives an answer of any slot, signed with the right key.
func (x *minimised) signs(slot int) seal.Reply {
	var turns []seal.Turn
	for _, a := range x.asked {
		turns = append(turns, a.Turn)
	}
	return x.secret.Reply(x.list.Hash(), turns, slot)
}

func (x *minimised) answer(who string, r seal.Reply) {
	last := &x.asked[len(x.asked)-1]
	last.Slot, last.Signature = &r.Slot, r.Signature
	x.add("allocation-answered", who, data{"request": r.Entry, "slot": r.Slot, "seen": r.Seen.String(), "signature": hex.EncodeToString(r.Signature)})
	x.add("randomised", who, data{"cell": last.Cell, "slot": r.Slot, "date": "2026-03-01"})
}

// holding gives a slot of the last request's cell that nobody has, and that holds
// what another does, or does not.
func (x *minimised) holding(as int, same bool) int {
	want, _ := x.openings.Content(as)
	taken := map[int]bool{as: true}
	for _, a := range x.asked {
		if a.Slot != nil {
			taken[*a.Slot] = true
		}
	}
	for _, i := range x.list.Cell(x.asked[len(x.asked)-1].Cell) {
		if c, _ := x.openings.Content(i); (c == want) == same && !taken[i] {
			return i
		}
	}
	x.t.Fatal("no such slot")
	return 0
}

// A trial that minimises is sound when each slot was named by the custodian's process
// and follows from the factors and the seed; who left before an answer came counts
// for nothing.
func TestMinimisedIsSound(t *testing.T) {
	x := beginMinimised(t)
	for n := range 9 {
		who := x.ask(n)
		if n == 3 {
			x.add("withdrew", who, data{"from": "follow-up"})
			x.asked[3].Void = true
			continue
		}
		x.answer(who, x.honest())
	}
	x.finish()
	r := audit.Check(x.files, audit.Options{})
	if !r.Sound() || r.Answered != 8 || r.Redrawn != 8 || r.Randomised != 8 {
		t.Errorf("%+v\n%s", r, r.Problems.Text())
	}
	var b bytes.Buffer
	if err := r.Tell(&b); err != nil || !bytes.Contains(b.Bytes(), []byte("8 arms drawn again from the factors and the seed")) {
		t.Error(b.String())
	}
}

// A custodian who chooses is found, and so is a server that answers itself or shows
// her another history.
func TestMinimisedCheatsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		code fault.Code
		last func(x *minimised, who string)
	}{
		"an arm that was chosen":              {audit.CodeMinimised, func(x *minimised, who string) { x.answer(who, x.signs(x.holding(x.honest().Slot, false))) }},
		"a slot chosen among those of an arm": {audit.CodeMinimised, func(x *minimised, who string) { x.answer(who, x.signs(x.holding(x.honest().Slot, true))) }},
		"an answer that nobody signed": {audit.CodeAnswered, func(x *minimised, who string) {
			r := x.honest()
			r.Signature = make([]byte, 64)
			x.answer(who, r)
		}},
		"another history": {audit.CodeAnswered, func(x *minimised, who string) {
			levels := x.asked[2].Levels
			x.asked[2].Levels = []string{"north", "male", ">=15", ">=45"}
			r := x.signs(x.list.Cell(x.asked[len(x.asked)-1].Cell)[0])
			x.asked[2].Levels = levels
			x.answer(who, r)
		}},
		"a slot without an answer": {audit.CodeSlotOrder, func(x *minimised, who string) {
			x.add("randomised", who, data{"cell": x.asked[len(x.asked)-1].Cell, "slot": x.honest().Slot, "date": "2026-03-01"})
		}},
		"another slot than was named": {audit.CodeSlotOrder, func(x *minimised, who string) {
			r := x.honest()
			x.add("allocation-answered", who, data{"request": r.Entry, "slot": r.Slot, "seen": r.Seen.String(), "signature": hex.EncodeToString(r.Signature)})
			x.add("randomised", who, data{"cell": x.asked[len(x.asked)-1].Cell, "slot": x.holding(r.Slot, true), "date": "2026-03-01"})
		}},
		"a slot that another has": {audit.CodeSlotOrder, func(x *minimised, who string) { x.answer(who, x.signs(*x.asked[3].Slot)) }},
		"out of turn": {audit.CodeAnswered, func(x *minimised, _ string) {
			who := x.ask(len(x.asked))
			x.answer(who, x.signs(x.list.Cell(x.asked[len(x.asked)-1].Cell)[0]))
		}},
		"a second request": {audit.CodeAnswered, func(x *minimised, who string) {
			x.answer(who, x.honest())
			x.add("allocation-requested", who, data{"cell": "site=north", "levels": []string{"north", "male", "<15", "<45"}})
		}},
	} {
		x := beginMinimised(t)
		for n := range 5 {
			x.answer(x.ask(n), x.honest())
		}
		c.last(x, x.ask(5))
		x.finish()
		r := audit.Check(x.files, audit.Options{})
		if !r.Problems.Has(c.code) {
			t.Errorf("%s: %s", name, r.Problems.Text())
		}
	}
}
