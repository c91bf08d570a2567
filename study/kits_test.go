package study

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"dvala/civil"
	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
	"dvala/seal/sealtest"
)

// kitCommands are one of every command about kits and emergencies.
var kitCommands = map[string]Command{
	"extend-list":        ExtendList{File{SHA256: anyHash, Bytes: 3}},
	"receive-kits":       ReceiveKits{Site: "main", Kits: []string{"1111-1112"}},
	"note-kit":           NoteKit{Kit: "1111-1112", What: KitLost},
	"replace-kit":        ReplaceKit{Kit: "1111-1112", What: KitDamaged},
	"request-unblinding": RequestUnblinding{Physician: "Dr Ek", Recipient: "age1"},
	"grant-unblinding":   GrantUnblinding{Request: 4, By: ByHolder, Holder: 1, Key: File{SHA256: anyHash, Bytes: 3}},
	"confirm-unblinding": ConfirmUnblinding{Request: 4},
	"answer-allocation":  AnswerAllocation{Request: 4, Slot: 2, Seen: anyHash, Signature: anyHash + anyHash},
}

// lists are sealed lists of the small protocol, made by a sealer that forgets:
// the first of four slots a cell, with two kits each, shared among three holders
// of whom two open one; the second adds two slots a cell and a kit to slot 0.
type lists struct {
	first, second *seal.List
	files         map[string][]byte
}

func publicKey(t testing.TB) string {
	t.Helper()
	return must(age.GenerateX25519Identity()).Recipient().String()
}

func makeLists(t testing.TB, p protocol.Checked) lists {
	t.Helper()
	h := seal.Header{Trial: p.ID(), Protocol: p.Hash(), Custodian: publicKey(t), Sealing: seal.BySeed}
	h.Holders = seal.Holders{Needed: 2, Recipients: []string{publicKey(t), publicKey(t), publicKey(t)}}
	numbers := seal.KitNumbers(rand.New(rand.NewPCG(1, 1)), 100)
	secret := must(seal.NewSecret("x"))
	kits := func(n int) []seal.Kit {
		var out []seal.Kit
		for range n {
			out = append(out, seal.Kit{Number: numbers[0], Visit: "day-0"})
			numbers = numbers[1:]
		}
		return out
	}
	plain := func(n int) []seal.Plain {
		var out []seal.Plain
		for _, c := range p.Cells() {
			for range n {
				out = append(out, seal.Plain{Cell: c.Key, Kits: kits(2), Secret: secret})
			}
		}
		return out
	}
	l := lists{files: map[string][]byte{}}
	l.first = must(seal.New(h, plain(4), sealtest.Blank{Holders: 3}))
	h.Extends, h.First = l.first.Hash(), l.first.Len()
	zero := 0
	more := append(plain(2), seal.Plain{Cell: p.Cells()[0].Key, Kits: kits(1), Secret: secret, For: &zero})
	l.second = must(seal.New(h, more, sealtest.Blank{Holders: 3}))
	for _, x := range []*seal.List{l.first, l.second} {
		l.files[x.Hash().String()] = x.Bytes()
	}
	return l
}

func (l lists) file(x *seal.List) File {
	sum := sha256.Sum256(x.Bytes())
	return File{SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(x.Bytes()))}
}

// withLists is a trial that has begun on such a list.
func withLists(t testing.TB) (*State, lists) {
	t.Helper()
	p := checkedProtocol(t)
	l := makeLists(t, p)
	sealed := SealedOf(l.first)
	sealed.More = func(sum string) ([]byte, error) {
		raw, ok := l.files[sum]
		if !ok {
			return nil, fault.New("file-missing", sum, "is not there")
		}
		return raw, nil
	}
	s := New(p, sealed, BuiltIn)
	open := openCommand(s)
	open.SealedList = l.file(l.first)
	do(t, s, open, staff(start, ""))
	return s, l
}

// randomised brings one person to day 3 with her slot.
func randomisedIn(t testing.TB, s *State, sex string) Subject {
	t.Helper()
	who := enrolled(t, s, sex)
	do(t, s, Randomise{}, staff(day(0), who))
	return who
}

func pharmacist(at time.Time, who Subject) Meta {
	return Meta{At: at, Actor: "petra", Role: RolePharmacist, Subject: who, Reason: "the parcel was wet"}
}

func custodian(at time.Time, who Subject) Meta {
	return Meta{At: at, Actor: "carl", Role: RoleCustodian, Subject: who}
}

func responsible(at time.Time, who Subject) Meta {
	m := investigator(at, who)
	m.Signature = &Signature{"Ingrid Ek", MeansResponsibility, "passkey"}
	m.Reason = "anaphylaxis, two hours after the dose"
	return m
}

// kitExamples are facts about kits, extensions and emergencies, every kind among
// them.
func kitExamples(t testing.TB) []Fact {
	s, l := withLists(t)
	var out []Fact
	add := func(cmd Command, m Meta) []Fact { f := do(t, s, cmd, m); out = append(out, f...); return f }
	n := add(ExtendList{l.file(l.second)}, because(staff(day(0), "")))[0].Index
	add(Approve{n}, investigator(day(0), ""))
	var all []string
	for _, slot := range s.sealed.Slots[:8] {
		for _, k := range slot.Kits {
			all = append(all, k.Number)
		}
	}
	add(ReceiveKits{Site: "main", Kits: all, Expires: dateOf("2027-12-31")}, pharmacist(day(0), ""))
	add(NoteKit{s.sealed.Slots[3].Kits[0].Number, KitDamaged}, pharmacist(day(0), ""))
	who := randomisedIn(t, s, "female")
	kit := do(t, s, Dispense{"day-0"}, staff(day(0), who))[0].Event.(Dispensed).Kit
	add(ReplaceKit{kit, KitLost}, pharmacist(day(0), who))
	r := add(RequestUnblinding{Physician: "Dr Ek", Recipient: publicKey(t)}, responsible(day(1), who))[0].Index
	add(GrantUnblinding{Request: r, By: ByHolder, Holder: 2, Key: File{SHA256: anyHash, Bytes: 9}}, staff(day(1), who))
	add(GrantUnblinding{Request: r, By: ByCustodian, Key: File{SHA256: anyHash, Bytes: 9}}, custodian(day(1), who))
	add(ConfirmUnblinding{r}, investigator(day(1), who))
	return out
}

// A stratum that ran out refuses, until two people take on a list that goes on
// from the one there is; then its next slot is the first of that list, and no
// slot is given twice. The state replays from the ledger to the same.
func TestExhaustedStratumIsExtendedByTwo(t *testing.T) {
	s, l := withLists(t)
	for range 4 {
		randomisedIn(t, s, "female")
	}
	fifth := enrolled(t, s, "female")
	refuse(t, s, "stratum-exhausted", Randomise{}, staff(day(0), fifth))
	if left := s.CellsLeft(); !slices.ContainsFunc(left, func(c CellLeft) bool { return c.Empty && c.Low && c.Of == 4 }) {
		t.Errorf("%+v", left)
	}
	extend := ExtendList{l.file(l.second)}
	refuse(t, s, "reason-missing", extend, staff(day(0), ""))
	refuse(t, s, "list-extension", ExtendList{l.file(l.first)}, because(staff(day(0), "")))
	refuse(t, s, "file-missing", ExtendList{File{SHA256: anyHash, Bytes: 1}}, because(staff(day(0), "")))
	n := do(t, s, extend, because(staff(day(0), "")))[0].Index
	refuse(t, s, "stratum-exhausted", Randomise{}, staff(day(0), fifth))
	facts := do(t, s, Approve{n}, investigator(day(0), ""))
	if len(facts) != 2 || facts[1].Event.(ListExtended).First != l.first.Len() {
		t.Errorf("%+v", facts)
	}
	ev := do(t, s, Randomise{}, staff(day(0), fifth))[0].Event.(Randomised)
	if cell := must(seal.Join(l.first, l.second)).Cell(ev.Cell); ev.Slot != cell[4] {
		t.Errorf("slot %d, not %d", ev.Slot, cell[4])
	}
	if got := s.Lists(); len(got) != 2 || s.SealedHash() != got[1] {
		t.Errorf("%v", got)
	}
	refuse(t, s, "list-extension", extend, because(staff(day(0), "")))
	whole := must(WholeList(s.Lists(), s.sealed.More))
	if whole.Len() != len(s.sealed.Slots) || len(whole.Chain(0)) != len(s.sealed.Slots[0].Kits) {
		t.Errorf("%d slots, and %d here", whole.Len(), len(s.sealed.Slots))
	}
}

// Nobody can take on a list without the approval: the fact alone is refused.
func TestExtensionWithoutApprovalIsRefused(t *testing.T) {
	s, l := withLists(t)
	m := staff(day(0), "")
	m.Zone = "Europe/Stockholm"
	f := Fact{Index: s.Entries, Meta: m, Event: ListExtended{l.file(l.second), 8, 5}}
	if err := s.Apply(f); fault.CodeOf(err) != "entry-impossible" {
		t.Errorf("%v", err)
	}
}

// A lost or spoilt kit is replaced by the next of the same slot; one noted unfit
// or expired is passed over; a chain that ran out refuses until it is made longer.
func TestSparesOfTheSameSlot(t *testing.T) {
	s, l := withLists(t)
	who := randomisedIn(t, s, "female")
	slot := s.People[who].Randomised.Slot
	chain := s.sealed.Slots[slot].Kits
	refuse(t, s, "kit-unknown", ReplaceKit{chain[0].Number, KitLost}, pharmacist(day(0), who))
	do(t, s, Dispense{"day-0"}, staff(day(0), who))
	refuse(t, s, "unknown-word", ReplaceKit{chain[0].Number, "eaten"}, pharmacist(day(0), who))
	bare := pharmacist(day(0), who)
	bare.Reason = " "
	refuse(t, s, "reason-missing", ReplaceKit{chain[0].Number, KitLost}, bare)
	refuse(t, s, "kit-given", NoteKit{chain[0].Number, KitLost}, pharmacist(day(0), ""))
	got := do(t, s, ReplaceKit{chain[0].Number, KitDamaged}, pharmacist(day(0), who))[0].Event.(KitReplaced)
	if got.Kit != chain[1].Number || got.Old != chain[0].Number || got.Visit != "day-0" {
		t.Errorf("%+v", got)
	}
	refuse(t, s, "kit-replaced", ReplaceKit{chain[0].Number, KitLost}, pharmacist(day(0), who))
	refuse(t, s, "kits-exhausted", ReplaceKit{chain[1].Number, KitLost}, pharmacist(day(0), who))
	if slot == 0 {
		n := do(t, s, ExtendList{l.file(l.second)}, because(staff(day(0), "")))[0].Index
		do(t, s, Approve{n}, investigator(day(0), ""))
		more := do(t, s, ReplaceKit{chain[1].Number, KitLost}, pharmacist(day(0), who))[0].Event.(KitReplaced)
		if of, ok := must(seal.Join(l.first, l.second)).KitSlot(more.Kit); !ok || of != slot {
			t.Errorf("kit %s is of slot %d", more.Kit, of)
		}
	} else {
		t.Errorf("the first woman has slot %d: the test shows less than it should", slot)
	}
	other := randomisedIn(t, s, "female")
	next := s.sealed.Slots[s.People[other].Randomised.Slot].Kits
	do(t, s, NoteKit{next[0].Number, KitRecall}, pharmacist(day(0), ""))
	refuse(t, s, "kit-noted", NoteKit{next[0].Number, KitLost}, pharmacist(day(0), ""))
	if ev := do(t, s, Dispense{"day-0"}, staff(day(0), other))[0].Event.(Dispensed); ev.Kit != next[1].Number {
		t.Errorf("handed out %s, though %s is next that is fit", ev.Kit, next[1].Number)
	}
}

// kitsOf gives the kits of the nth to mth slot of the women's cell.
func kitsOf(s *State, from, to int) []string {
	var out []string
	for _, i := range s.cells["sex=female"][from:to] {
		for _, k := range s.sealed.Slots[i].Kits {
			out = append(out, k.Number)
		}
	}
	return out
}

// From its first consignment on a site hands out what it has, and randomises
// nobody whose kits are not there. A date of expiry goes with whole runs of the
// list, so that it tells nothing.
func TestStockOfASite(t *testing.T) {
	s, _ := withLists(t)
	if _, ok := s.cells["sex=female"]; !ok {
		t.Fatalf("%v", s.Protocol.Cells())
	}
	expires := dateOf("2026-03-20")
	receive := func(kits []string) ReceiveKits { return ReceiveKits{Site: "main", Kits: kits, Expires: expires} }
	refuse(t, s, "site-unknown", ReceiveKits{Site: "moon", Kits: kitsOf(s, 0, 1)}, pharmacist(day(0), ""))
	refuse(t, s, "kit-unknown", receive([]string{"0000-0000"}), pharmacist(day(0), ""))
	refuse(t, s, "kit-twice", receive(append(kitsOf(s, 0, 1), kitsOf(s, 0, 1)...)), pharmacist(day(0), ""))
	refuse(t, s, "kits-split", receive(append(kitsOf(s, 0, 1), kitsOf(s, 2, 3)...)), pharmacist(day(0), ""))
	refuse(t, s, "kits-split", receive(kitsOf(s, 0, 2)[1:]), pharmacist(day(0), ""))
	refuse(t, s, "kit-expired", ReceiveKits{Site: "main", Kits: kitsOf(s, 0, 1), Expires: dateOf("2026-03-01")}, pharmacist(day(0), ""))
	do(t, s, receive(kitsOf(s, 0, 1)), pharmacist(day(0), ""))
	refuse(t, s, "kit-received", receive(kitsOf(s, 0, 1)), pharmacist(day(0), ""))
	one := randomisedIn(t, s, "female")
	two := enrolled(t, s, "female")
	refuse(t, s, "kits-not-here", Randomise{}, staff(day(0), two))
	states := func(at int) map[string]int {
		out := map[string]int{}
		for _, line := range s.StockOf("main", dateOf("2026-03-02").Add(at)) {
			out[line.State]++
		}
		return out
	}
	if got := states(0); got[KitInStock] != 2 || got[KitAnnounced] != len(s.sealed.Slots)*2-2 {
		t.Errorf("%v", got)
	}
	do(t, s, Dispense{"day-0"}, staff(day(0), one))
	if got := states(0); got[KitHandedOut] != 1 || got[KitInStock] != 1 {
		t.Errorf("%v", got)
	}
	if got := states(30); got[KitExpired] != 1 || got[KitHandedOut] != 1 {
		t.Errorf("%v", got)
	}
	do(t, s, receive(kitsOf(s, 1, 3)), pharmacist(day(0), ""))
	do(t, s, Randomise{}, staff(day(0), two))
	refuse(t, s, "kits-exhausted", Dispense{"day-0"}, staff(day(30), two))
}

// An emergency in three steps: asked for by the investigator, given by the
// holders or the custodian, read by the physician. The person is marked from the
// day on which it could be read, and nowhere is said what it was.
func TestEmergencyUnblinding(t *testing.T) {
	s, _ := withLists(t)
	who := enrolled(t, s, "female")
	other, third := randomisedIn(t, s, "male"), randomisedIn(t, s, "male")
	key := publicKey(t)
	ask := RequestUnblinding{Physician: "Dr Ek, emergency ward", Recipient: key}
	refuse(t, s, "not-randomised", ask, responsible(day(0), who))
	do(t, s, Randomise{}, staff(day(0), who))
	bare := responsible(day(0), who)
	bare.Signature = nil
	refuse(t, s, "signature-missing", ask, bare)
	bare = responsible(day(0), who)
	bare.Reason = ""
	refuse(t, s, "reason-missing", ask, bare)
	refuse(t, s, "physician-missing", RequestUnblinding{Physician: " ", Recipient: key}, responsible(day(0), who))
	refuse(t, s, "physician-key", RequestUnblinding{Physician: "Dr Ek", Recipient: "age1nonsense"}, responsible(day(0), who))
	refuse(t, s, "unblinding-unknown", ConfirmUnblinding{1}, investigator(day(0), who))
	r := do(t, s, ask, responsible(day(0), who))[0].Index
	refuse(t, s, "unblinding-requested", ask, responsible(day(0), who))
	if s.People[who].Unblinded() {
		t.Error("marked before anybody could know")
	}
	file := File{SHA256: anyHash, Bytes: 400}
	share := func(h int) GrantUnblinding { return GrantUnblinding{Request: r, By: ByHolder, Holder: h, Key: file} }
	refuse(t, s, "holder-unknown", share(4), staff(day(0), who))
	refuse(t, s, "holder-unknown", share(0), staff(day(0), who))
	do(t, s, share(3), staff(day(0), who))
	refuse(t, s, "unblinding-granted", share(3), staff(day(0), who))
	if s.People[who].Unblinded() {
		t.Error("marked after one share of two")
	}
	refuse(t, s, "grant-role", GrantUnblinding{Request: r, By: ByCustodian, Key: file}, staff(day(1), who))
	do(t, s, share(1), staff(day(1), who))
	p := s.People[who]
	// Whose part it is, is what she says who brings it: enough parts can be opened,
	// and only the physician knows whether they do.
	if u := p.Unblindings[0]; !u.Ready() || u.Grants[0].Brought != "anna" || u.Grants[1].Holder != 1 || p.Unblinded() {
		t.Errorf("%+v", u)
	}
	do(t, s, ConfirmUnblinding{r}, investigator(day(1), who))
	if !p.Unblinded() || p.Events[0].Event != EventUnblinded || p.Events[0].From != dateOf("2026-03-03") {
		t.Errorf("%+v", p.Events)
	}
	refuse(t, s, "unblinding-confirmed", ConfirmUnblinding{r}, investigator(day(1), who))
	for _, l := range []protocol.Language{"en", "sv"} {
		text := p.Unblindings[0].Notice(who, l)
		if !strings.Contains(text, string(who)) || !strings.Contains(text, "Dr Ek") {
			t.Error(text)
		}
		for _, a := range s.Protocol.Assignments() {
			if strings.Contains(text, a.ID) {
				t.Errorf("%q names an arm", text)
			}
		}
	}
	// By the custodian alone, to another physician, of another person.
	r = do(t, s, RequestUnblinding{Physician: "Dr Holm", Recipient: publicKey(t)}, responsible(day(1), other))[0].Index
	do(t, s, GrantUnblinding{Request: r, By: ByCustodian, Key: file}, custodian(day(1), other))
	if !s.People[other].Unblinded() || len(s.People[who].Unblindings) != 1 {
		t.Error("the custodian's key does not mark, or marks somebody else")
	}
	// By telephone and memory stick: nothing was filed, and she says that she knows.
	r = do(t, s, RequestUnblinding{Physician: "Dr Holm", Recipient: publicKey(t)}, responsible(day(2), third))[0].Index
	do(t, s, ConfirmUnblinding{r}, investigator(day(2), third))
	if !s.People[third].Unblinded() {
		t.Error("a confirmed unblinding does not mark")
	}
}

// In a ledger from before a holder's part said who brought it, enough of them mark
// the person, as they did.
func TestPartsOfOldLedgers(t *testing.T) {
	s, _ := withLists(t)
	who := randomisedIn(t, s, "female")
	r := do(t, s, RequestUnblinding{Physician: "Dr Ek", Recipient: publicKey(t)}, responsible(day(0), who))[0].Index
	for h := 1; h <= 2; h++ {
		e := UnblindingGranted{Request: r, By: ByHolder, Holder: h, Key: File{SHA256: anyHash, Bytes: 400}}
		if _, err := s.Replay(must(Encode(Fact{Index: s.Entries, Meta: completed(s, staff(day(1), who)), Event: e}))); err != nil {
			t.Fatal(err)
		}
	}
	if !s.People[who].Unblinded() {
		t.Error("an old ledger reads otherwise than it did")
	}
}

// What stands on the ledger of kits and emergencies replays to the same state.
func TestKitFactsReplay(t *testing.T) {
	s, l := withLists(t)
	sealed := SealedOf(l.first)
	sealed.More = s.sealed.More
	again := New(s.Protocol, sealed, BuiltIn)
	open := openCommand(again)
	open.SealedList = l.file(l.first)
	do(t, again, open, staff(start, ""))
	tell := func(cmd Command, m Meta) Fact {
		facts := do(t, s, cmd, m)
		for _, f := range facts {
			if _, err := again.Replay(must(Encode(f))); err != nil {
				t.Fatalf("%T: %v", cmd, err)
			}
		}
		return facts[0]
	}
	who := tell(screenCommand(40, "female"), staff(day(0), "")).Subject
	tell(Consent{Version: "1.0", Language: "sv"}, staff(day(0), who))
	tell(Enrol{Zone: "Europe/Stockholm", Wake: 7 * 60}, staff(day(0), who))
	tell(ReceiveKits{Site: "main", Kits: kitsOf(s, 0, 4), Expires: dateOf("2026-06-01")}, pharmacist(day(0), ""))
	tell(Randomise{}, staff(day(0), who))
	kit := tell(Dispense{"day-0"}, staff(day(0), who)).Event.(Dispensed).Kit
	tell(ReplaceKit{kit, KitLost}, pharmacist(day(0), who))
	tell(Approve{tell(ExtendList{l.file(l.second)}, because(staff(day(0), ""))).Index}, investigator(day(0), ""))
	part := strings.Repeat("b", 64)
	l.files[part] = []byte("age-encryption.org/v1\n-> X25519 x\ny\n--- z\n")
	r := tell(RequestUnblinding{Physician: "Dr Ek", Recipient: publicKey(t)}, responsible(day(1), who)).Index
	l.files[anyHash] = []byte("she takes the tea")
	refuse(t, s, seal.CodeHandover, GrantUnblinding{Request: r, By: ByCustodian, Key: File{SHA256: anyHash, Bytes: 1}}, custodian(day(1), who))
	tell(GrantUnblinding{Request: r, By: ByCustodian, Key: File{SHA256: part, Bytes: 1}}, custodian(day(1), who))
	if a, b := must(s.Digest()), must(again.Digest()); a != b || s.Entries < 12 {
		t.Errorf("%s and %s after %d entries", a, b, s.Entries)
	}
}

func dateOf(s string) civil.Date { return must(civil.ParseDate(s)) }

// An emergency and the adverse event behind it name each other: the request names
// an event that was told before it, and an event that is told after it names the
// request. Neither names what is not there or is somebody else's.
func TestUnblindingAndAdverseEvents(t *testing.T) {
	s, _ := withLists(t)
	who, other := randomisedIn(t, s, "female"), randomisedIn(t, s, "male")
	fall := do(t, s, ReportAdverseEvent{headache}, staff(day(1), who))[0].Index
	hers := do(t, s, ReportAdverseEvent{headache}, staff(day(1), other))[0].Index
	ask := RequestUnblinding{Physician: "Dr Ek", Recipient: publicKey(t), Event: hers}
	refuse(t, s, "entry-unknown", ask, responsible(day(1), who))
	ask.Event = fall
	request := do(t, s, ask, responsible(day(1), who))[0].Index
	later := headache
	later.Term, later.Unblinding = "nausea", hers
	refuse(t, s, "unblinding-unknown", ReportAdverseEvent{later}, staff(day(2), who))
	refuse(t, s, "unblinding-unknown", UpdateAdverseEvent{AdverseEventUpdated{fall, later}}, staff(day(2), who))
	later.Unblinding = request
	refuse(t, s, "unblinding-unknown", ReportAdverseEvent{later}, staff(day(2), other))
	told := do(t, s, ReportAdverseEvent{later}, staff(day(2), who))[0].Index

	p := s.People[who]
	behind := func() (out []uint64) {
		for _, r := range p.HarmsBehind(p.Unblindings[0]) {
			out = append(out, r.Entry)
		}
		return out
	}
	if got := behind(); !slices.Equal(got, []uint64{fall, told}) {
		t.Errorf("%v are behind the request, want %d and %d", got, fall, told)
	}
	for _, r := range p.AdverseLog {
		if u := p.UnblindingsOver(r); len(u) != 1 || u[0].Entry != request {
			t.Errorf("entry %d leads to %+v", r.Entry, u)
		}
	}
	if x := s.People[other]; len(x.UnblindingsOver(x.AdverseLog[0])) != 0 {
		t.Error("somebody else's event leads to it")
	}
	// What was named by mistake is put right, with a reason.
	fix := Correct{Entry: told, Field: "unblinding", New: json.RawMessage(`0`)}
	do(t, s, fix, because(staff(day(3), who)))
	fix.New = json.RawMessage(`1`)
	refuse(t, s, "unblinding-unknown", fix, because(staff(day(3), who)))
	if got := behind(); !slices.Equal(got, []uint64{fall}) {
		t.Errorf("%v are behind the request after the correction", got)
	}
}
