package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math"
	mrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/custody"
	"dvala/desk"
	"dvala/examples"
	"dvala/fault"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
	"dvala/seal/sealtest"
	"dvala/study"
)

// incidents goes on with a staged trial: kits are received, spoilt and replaced,
// the list is extended by two people, and somebody is unblinded in an emergency.
// What blinded people are told on the way is in what it gives. Without a key
// that can open the list, what the physician is sent is made up, as long as it
// would be.
func incidents(t *testing.T, d *demo) map[string][]byte {
	t.Helper()
	seen := map[string][]byte{}
	tell := func(cmd study.Command, m study.Meta) uint64 {
		t.Helper()
		r, err := d.trial.Do(d.ctx, cmd, m)
		if err != nil {
			t.Fatalf("%T: %s", cmd, fault.Text(err))
		}
		return r.First
	}
	refusal := func(cmd study.Command, m study.Meta) {
		t.Helper()
		_, err := d.trial.Do(d.ctx, cmd, m)
		if err == nil {
			t.Fatalf("%T is not refused", cmd)
		}
		seen[fmt.Sprintf("refusal %d %T", len(seen), cmd)] = []byte(fault.Text(err))
	}
	by := func(role study.Role, who study.Subject, meaning string) study.Meta {
		m := d.later(role, string(role)+"@main")
		m.Subject, m.Reason = who, "as it was told on the telephone"
		if meaning != "" {
			m.Signature = &study.Signature{Name: "Ingrid Ek", Meaning: meaning, Method: "passkey"}
		}
		return m
	}
	file := func(name string, b []byte) study.File {
		f, err := d.trial.PutBlob(name, b)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}

	more, err := custody.Extend(d.checked, d.list, custody.Extension{Slots: 4}, d.sealing)
	if err != nil {
		t.Fatal(err)
	}
	extend := study.ExtendList{SealedList: file("sealed-list-2.dvl", more.List.Bytes())}
	n := tell(extend, by(study.RoleCoordinator, "", ""))
	tell(study.Approve{Proposal: n}, by(study.RoleInvestigator, "", study.MeansApproval))
	refusal(extend, by(study.RoleCoordinator, "", ""))

	state := d.trial.State()
	office := desk.NewOffice(d.trial, func() time.Time { return d.end })
	for _, who := range state.Order {
		p := state.People[who]
		if p.Randomised == nil || len(p.Withdrawn) > 0 || len(p.Kits) == 0 {
			continue
		}
		// Until the chain is empty, so that the refusal is seen for every slot.
		for _, k := range slices.Clone(p.Kits) {
			kit := k.Kit
			for range 10 {
				if _, err := d.trial.Do(d.ctx, study.ReplaceKit{Kit: kit, What: study.KitDamaged}, by(study.RolePharmacist, who, "")); err != nil {
					seen["refusal of "+kit] = []byte(fault.Text(err))
					break
				}
				kits := d.trial.State().People[who].Kits
				kit = kits[len(kits)-1].Kit
			}
		}
		u := tell(study.RequestUnblinding{Physician: "Dr Holm", Recipient: d.key.Recipient().String()}, by(study.RoleInvestigator, who, study.MeansResponsibility))
		// Of blank envelopes there is no key: what stands for it has the form of one.
		key := append([]byte("age-encryption.org/v1\n-> X25519 "+strings.Repeat("A", 43)+"\n"+strings.Repeat("B", 43)+"\n--- "+strings.Repeat("C", 43)+"\n"), bytes.Repeat([]byte{7}, 400)...)
		if d.sealing.Sealer == nil {
			if key, err = custody.HandOver(d.key, d.list, p.Randomised.Slot, d.key.Recipient()); err != nil {
				t.Fatal(err)
			}
		}
		tell(study.GrantUnblinding{Request: u, By: study.ByCustodian, Key: file("slot.age", key)}, by(study.RoleCustodian, who, ""))
		tell(study.ConfirmUnblinding{Request: u}, by(study.RoleInvestigator, who, ""))
		if _, seen["folder of "+string(who)], err = office.EmergencyFolder(d.ctx, desk.Caller{Account: "kim", Grants: []desk.Grant{{Role: study.RoleCustodian}}}, u); err != nil {
			t.Fatal(err)
		}
		seen["notice of "+string(who)] = []byte(d.trial.State().People[who].Unblindings[0].Notice(who, "en"))
	}
	state = d.trial.State()
	today := civil.DateOf(d.end)
	for _, site := range d.checked.Protocol().Sites {
		seen["stock of "+site.ID] = mustJSON(t, state.StockOf(site.ID, today))
	}
	seen["cells left"] = mustJSON(t, state.CellsLeft())
	whole, err := seal.Join(d.list, more.List)
	if err != nil {
		t.Fatal(err)
	}
	boxes, err := boxesOf(d.checked, whole, nil, civil.Date{}, "sv")
	if err != nil {
		t.Fatal(err)
	}
	if seen["labels"], err = labelsPage(d.checked, boxes, "sv", nil); err != nil {
		t.Fatal(err)
	}
	return seen
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A trial of one person looks the same to her whichever order was drawn, labels
// and boxes included.
func TestSwappedOrderOfOneLooksTheSame(t *testing.T) {
	key, err := custody.NewKey(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), false)
	if err != nil {
		t.Fatal(err)
	}
	src, err := examples.Protocol("nof1")
	if err != nil {
		t.Fatal(err)
	}
	if src, err = protocol.FillRecipient(src, key.Recipient().String()); err != nil {
		t.Fatal(err)
	}
	c, problems := protocol.Parse(src)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	seed := uint64(11) // of stage
	s, err := custody.Seal(c, custody.Options{Seed: &seed})
	if err != nil {
		t.Fatal(err)
	}
	o, err := custody.OpenAll(key, s.List)
	if err != nil {
		t.Fatal(err)
	}
	order, _ := o.Content(0)
	other := strings.NewReplacer("1", "2", "2", "1").Replace(order)
	signer, err := ledger.GenerateKey(rand.Reader, c.ID())
	if err != nil {
		t.Fatal(err)
	}
	run := func(swap [2]string) map[string][]byte {
		d, out := stage(t, func(d *demo) {
			d.key, d.signer, d.Example, d.Participants = key, signer, "nof1", 0
			d.sealing = custody.Options{Sealer: sealtest.Blank{}, Swap: swap}
		})
		m := d.later(study.RoleInvestigator, "investigator@main")
		m.Subject, m.Reason, m.Signature = d.trial.State().Order[0], "a reaction", &study.Signature{Name: "Ingrid Ek", Meaning: study.MeansResponsibility, Method: "passkey"}
		if _, err := d.trial.Do(d.ctx, study.RequestUnblinding{Physician: "Dr Holm", Recipient: key.Recipient().String()}, m); err != nil {
			t.Fatal(err)
		}
		return seenBlind(t, d, out)
	}
	straight, swapped := run([2]string{}), run([2]string{order, other})
	if len(straight) < 20 {
		t.Fatalf("only %d things compared", len(straight))
	}
	for name, b := range straight {
		if !bytes.Equal(b, swapped[name]) {
			t.Errorf("%s differs when the order is exchanged (%d and %d bytes)", name, len(b), len(swapped[name]))
		}
	}
}

// kitArms gives the kits of real lists with which of two arms is in them, in the
// order of their numbers or in that in which they are handed out.
func kitArms(t *testing.T, lists int) (numbers [][]custody.Kit, dispensed [][]bool) {
	t.Helper()
	key, err := custody.NewKey(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), false)
	if err != nil {
		t.Fatal(err)
	}
	src, err := examples.Protocol("mgt-2024")
	if err != nil {
		t.Fatal(err)
	}
	if src, err = protocol.FillRecipient(src, key.Recipient().String()); err != nil {
		t.Fatal(err)
	}
	c, problems := protocol.Parse(src)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	first := c.Protocol().Arms[0].ID
	for seed := range uint64(lists) {
		s, err := custody.Seal(c, custody.Options{Seed: &seed})
		if err != nil {
			t.Fatal(err)
		}
		kits, err := custody.ReadPacking(key, s.Packing)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(kits, func(a, b custody.Kit) int { return strings.Compare(a.Number, b.Number) })
		numbers = append(numbers, kits)
		holds := map[string]bool{}
		for _, k := range kits {
			holds[k.Number] = k.Arm == first
		}
		var order []bool
		for i := range s.List.Len() {
			slot, _ := s.List.Slot(i)
			if len(slot.Kits) > 0 {
				order = append(order, holds[slot.Kits[0].Number])
			}
		}
		dispensed = append(dispensed, order)
	}
	return numbers, dispensed
}

// The number of a kit says nothing about its arm. Over 30 lists, each digit, the
// check digit among them, goes with the arm no more than chance lets it: the
// chi-squared of 10 × 2 stays under R's qchisq(1 - 1e-6, 9) = 44.81; and in the
// order of the numbers the arms change as often as chance has it: the runs test
// of Wald and Wolfowitz stays within five standard errors.
func TestKitNumbersTellNothing(t *testing.T) {
	lists, _ := kitArms(t, 30)
	first := ""
	var digits [16][10][2]float64
	var sum, variance float64
	for _, kits := range lists {
		var n [2]float64
		runs := 0.0
		for i, k := range kits {
			if first == "" {
				first = k.Arm
			}
			arm := 0
			if k.Arm == first {
				arm = 1
			}
			n[arm]++
			if i == 0 || (kits[i-1].Arm == first) != (arm == 1) {
				runs++
			}
			for at, d := range strings.ReplaceAll(k.Number, "-", "") {
				digits[at][d-'0'][arm]++
			}
		}
		all := n[0] + n[1]
		mean := 2*n[0]*n[1]/all + 1
		sum += runs - mean
		variance += (mean - 1) * (mean - 2) / (all - 1)
	}
	if z := sum / math.Sqrt(variance); math.Abs(z) > 5 {
		t.Errorf("the arms change too rarely or too often by number: z = %.1f", z)
	}
	for at := range digits {
		var total [2]float64
		for _, d := range digits[at] {
			total[0], total[1] = total[0]+d[0], total[1]+d[1]
		}
		if total[0]+total[1] == 0 {
			continue // numbers are shorter
		}
		chi := 0.0
		for _, d := range digits[at] {
			for arm := range 2 {
				want := (d[0] + d[1]) * total[arm] / (total[0] + total[1])
				if want > 0 {
					chi += (d[arm] - want) * (d[arm] - want) / want
				}
			}
		}
		if chi > 44.81 {
			t.Errorf("digit %d goes with the arm: chi-squared %.1f", at+1, chi)
		}
	}
}

// Guessing along with blocks of 4 and 6, of unknown size, is right less often
// than with either alone, where who counts always names the arm that is behind
// (Blackwell and Hodges: ½ + (4ʰ/C(2h, h) − 1)/(4h) of a block of 2h: 0.7083 of
// four and 0.6833 of six). Here the guesser is blind to sizes and knows all arms
// so far; she names the arm that is behind since the beginning of the cell.
func TestGuessingAlongVariedBlocks(t *testing.T) {
	share := func(h int) float64 { // of a block of 2h
		c := 1.0
		for i := range h {
			c = c * float64(h+i+1) / float64(i+1)
		}
		return 0.5 + (math.Pow(4, float64(h))/c-1)/(4*float64(h))
	}
	if math.Abs(share(2)-17.0/24) > 1e-12 || math.Abs(share(3)-0.68333333) > 1e-6 {
		t.Fatalf("theory: %.6f and %.6f", share(2), share(3))
	}
	_, lists := kitArms(t, 60)
	coin := mrand.New(mrand.NewPCG(1, 2))
	right, n := 0, 0
	for _, arms := range lists {
		behind := 0
		for _, arm := range arms {
			guess := coin.IntN(2) == 0
			if behind != 0 {
				guess = behind < 0
			}
			if guess == arm {
				right++
			}
			n++
			if arm {
				behind++
			} else {
				behind--
			}
		}
	}
	got, se := float64(right)/float64(n), 0.5/math.Sqrt(float64(n))
	// The convergence strategy is right as often as the blocks it meets allow: a
	// mixture of both shares by slots, 4 to 6.
	want := (4*share(2) + 6*share(3)) / 10
	if math.Abs(got-want) > 5*se {
		t.Errorf("right %.4f of the time over %d slots; theory has %.4f", got, n, want)
	}
	if got > share(2)+5*se {
		t.Errorf("right %.4f of the time, more than in blocks of four alone", got)
	}
}
