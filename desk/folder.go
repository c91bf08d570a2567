package desk

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"dvala/fault"
	"dvala/ledger"
	"dvala/seal"
	"dvala/study"
)

// EmergencyFolder gives all that the custodian, the holders and the physician need
// of one request to unblind somebody, beside a key of their own: what stands of it
// on the ledger, proven, and no other entry about anybody; the sealed list; the
// protocol; and the parts that have come. It is given to whoever may see that the
// request was made.
func (o *Office) EmergencyFolder(ctx context.Context, c Caller, request uint64) (name string, raw []byte, err error) {
	var who study.Subject
	var u study.Unblinding
	var protocol study.File
	var lists []string
	var entries []uint64
	if err := o.store.Refresh(ctx); err != nil {
		return "", nil, err
	}
	o.store.View(func(s *study.State) {
		for place, p := range AtSites(s, request, func(string) bool { return true }, study.KindUnblindingRequested) {
			if place == request {
				who = p.Subject
			}
			break
		}
	})
	err = o.See(ctx, c, "see-emergencies", who, func(s *study.State) error {
		p := s.People[who]
		if p == nil {
			return fault.New("entry-unknown", "request", "entry %d does not ask to unblind anybody", request)
		}
		i := slices.IndexFunc(p.Unblindings, func(x study.Unblinding) bool { return x.Entry == request })
		u, protocol, lists = p.Unblindings[i], s.Opened.Protocol, s.Lists()
		u.Grants = slices.Clone(u.Grants)
		entries = emergencyEntries(s, who, request)
		return nil
	})
	if err != nil {
		return "", nil, err
	}
	f := seal.Folder{ReadMe: readMe(who, u)}
	if f.Excerpt, err = o.excerpt(ctx, entries); err != nil {
		return "", nil, err
	}
	if f.Protocol, err = o.store.Blob(protocol.SHA256); err != nil {
		return "", nil, err
	}
	for _, sum := range lists {
		l, err := o.store.Blob(sum)
		if err != nil {
			return "", nil, err
		}
		f.Lists = append(f.Lists, l)
	}
	for _, g := range u.Grants {
		part, err := o.store.Blob(g.Key.SHA256)
		if err != nil {
			return "", nil, err
		}
		f.Parts = append(f.Parts, part)
	}
	raw, err = f.Bytes()
	return folderName(who, request), raw, err
}

// emergencyEntries gives the places of what a custodian or holder looks for: what
// opened the trial and extends its list, which slot is the person's, and the
// request.
func emergencyEntries(s *study.State, who study.Subject, request uint64) []uint64 {
	var out []uint64
	for _, of := range []study.Selection{
		{Kinds: []study.Kind{study.KindOpened, study.KindListExtended}},
		{Kinds: []study.Kind{study.KindRandomised}, Subject: who},
	} {
		for place := range s.Select(of, 0, false) {
			out = append(out, place)
		}
	}
	out = append(out, request)
	slices.Sort(out)
	return out
}

func folderName(who study.Subject, request uint64) string {
	return fmt.Sprintf("emergency-%s-%d.zip", who, request)
}

// excerpt gives entries with the proofs that they are on the ledger.
func (o *Office) excerpt(ctx context.Context, places []uint64) ([]byte, error) {
	hashes, ok := o.store.(ledger.HashReader)
	if !ok {
		return nil, fault.New("proof-none", "", "this store keeps no tree to prove from")
	}
	var entries []ledger.Entry
	for _, place := range places {
		es, err := o.store.Entries(ctx, place, 1)
		if err != nil {
			return nil, err
		}
		entries = append(entries, es...)
	}
	var b bytes.Buffer
	err := ledger.WriteExcerpt(&b, o.store.PublicKey(), entries, hashes, o.store.Checkpoint())
	return b.Bytes(), err
}

// readMe says what to do with a folder, in both languages.
func readMe(who study.Subject, u study.Unblinding) string {
	zip := folderName(who, u.Entry)
	return fmt.Sprintf(`%[1]s, %[2]d. %[3]s

In English
  The custodian, or a holder of the break-glass key, on her own machine:
    dvala open --emergency --key HER.key --from %[4]s
  It writes one file. Send that to the trial (the page Emergencies, "Send a part")
  or straight to %[3]s. Nobody else can open it.
  %[3]s, when the parts have come, with the folder taken anew or their files beside:
    dvala open --emergency --key physician.key --from %[4]s
    dvala open --emergency --key physician.key --from %[4]s --slot-key PART.age

På svenska
  Förvararen, eller en innehavare av en del av nyckeln, på sin egen dator:
    dvala open --emergency --key NYCKEL.key --from %[4]s
  Det skriver en fil. Sänd den till prövningen (sidan Nödfall, "Sänd en del")
  eller direkt till %[3]s. Ingen annan kan öppna den.
  %[3]s, när delarna har kommit, med mappen hämtad på nytt eller filerna bredvid:
    dvala open --emergency --key physician.key --from %[4]s
    dvala open --emergency --key physician.key --from %[4]s --slot-key DEL.age
`, who, u.Entry, u.Physician, zip)
}
