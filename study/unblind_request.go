package study

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
)

// Emergency unblinding: one person's arm, to one named physician.
//
//	unblinding-requested ─► unblinding-granted by the custodian ────► unblinded
//	        ├─► unblinding-granted by as many holders as the list says ─┐
//	        └─────────────────► unblinding-confirmed (she has read it) ◄┘ ─► unblinded
//
// A holder's part is brought by somebody, who says whose it is. Nobody here can
// tell whether it is: it is encrypted to the physician. So parts alone mark nobody;
// that she has read it does, and the custodian's own act.
//
// What is granted is a file that the physician alone can open, on her own
// machine. The arm is on no ledger and on no server; that somebody was unblinded
// is on both.
const (
	KindUnblindingRequested Kind = "unblinding-requested"
	KindUnblindingGranted   Kind = "unblinding-granted"
	KindUnblindingConfirmed Kind = "unblinding-confirmed"
)

// Who grants an unblinding.
const (
	ByCustodian = "custodian"
	ByHolder    = "holder"
)

type (
	// RequestUnblinding asks that a named physician be told what a person takes.
	// The reason is in Meta, and the investigator signs.
	RequestUnblinding struct {
		Physician string `json:"physician"`
		Recipient string `json:"recipient"` // her public key, age1…
		// Event is the entry that told the adverse event because of which it is
		// asked; none where there is no such event, or where it is told later.
		Event uint64 `json:"event,omitempty"`
	}
	// UnblindingRequested is that.
	UnblindingRequested RequestUnblinding
	// GrantUnblinding brings the custodian's slot key, or one holder's share of
	// it, encrypted to the physician.
	GrantUnblinding struct {
		Request uint64 `json:"request"` // entry that asks
		By      string `json:"by"`      // custodian, holder
		Holder  int    `json:"holder,omitempty"`
		Key     File   `json:"key_file"`
	}
	// UnblindingGranted is that. Brought is the account that brought a holder's
	// part and says whose it is; absent in ledgers from before it was told.
	UnblindingGranted struct {
		Request uint64 `json:"request"`
		By      string `json:"by"`
		Holder  int    `json:"holder,omitempty"`
		Brought string `json:"brought,omitempty"`
		Key     File   `json:"key_file"`
	}
	// ConfirmUnblinding says that the physician has read it, by whatever way what
	// she needed reached her.
	ConfirmUnblinding struct {
		Request uint64 `json:"request"`
	}
	// UnblindingConfirmed is that.
	UnblindingConfirmed ConfirmUnblinding
)

func (RequestUnblinding) command()     {}
func (RequestUnblinding) about() whom  { return onePerson }
func (RequestUnblinding) leads() Kind  { return KindUnblindingRequested }
func (GrantUnblinding) command()       {}
func (GrantUnblinding) about() whom    { return onePerson }
func (GrantUnblinding) leads() Kind    { return KindUnblindingGranted }
func (ConfirmUnblinding) command()     {}
func (ConfirmUnblinding) about() whom  { return onePerson }
func (ConfirmUnblinding) leads() Kind  { return KindUnblindingConfirmed }
func (UnblindingRequested) Kind() Kind { return KindUnblindingRequested }
func (UnblindingGranted) Kind() Kind   { return KindUnblindingGranted }
func (UnblindingConfirmed) Kind() Kind { return KindUnblindingConfirmed }
func (u *Unblinding) open() bool       { return u.Done.IsZero() }
func (u Unblinding) by(who string) bool {
	return slices.ContainsFunc(u.Grants, func(g Grant) bool { return g.By == who })
}

// Ready says whether what came should do for the physician: the custodian's key,
// or the parts of as many different holders as are needed.
func (u Unblinding) Ready() bool {
	holders := map[int]bool{}
	for _, g := range u.Grants {
		if g.By == ByHolder {
			holders[g.Holder] = true
		}
	}
	return u.by(ByCustodian) || u.Needed > 0 && len(holders) >= u.Needed
}

// Unblinding is a request and what came of it.
type Unblinding struct {
	Entry     uint64
	Physician string
	Recipient string
	Event     uint64 // the adverse event that the request names, by its entry; 0 of none
	Asked     time.Time
	By        string
	Reason    string
	Signature *Signature
	Needed    int // holders who must give their shares, where the custodian does not
	Grants    []Grant
	Done      civil.Date // when she counts as unblinded from; zero while she does not
	Confirmed time.Time
}

// Grant is what the custodian or a holder sent.
type Grant struct {
	Entry  uint64
	By     string
	Holder int
	// Brought is whose account brought a holder's part, and says whose it is.
	Brought string `json:",omitempty"`
	Key     File
	At      time.Time
}

func (c RequestUnblinding) decide(d *decision) ([]Event, error) {
	if d.p.Randomised == nil {
		return nil, fault.New("not-randomised", string(d.p.Subject), "the person has no treatment that could be told")
	}
	var l fault.List
	if blank(c.Physician) {
		l.Addf("physician-missing", "physician", "the physician who must know is named").WithHint("one person, who treats the participant")
	}
	checkWords(&l, "physician", c.Physician, maxWord)
	if _, err := seal.ParseRecipient(c.Recipient); err != nil {
		l.Addf("physician-key", "recipient", "is not the public key of the physician").WithHint("she runs dvala key physician, and tells the line that begins with age1")
	}
	if _, ok := d.p.adverseRecord(c.Event); !ok && c.Event != 0 {
		l.Addf("entry-unknown", "event", "entry %d tells no adverse event of %s", c.Event, d.p.Subject)
	}
	if l.Err() != nil {
		return nil, l
	}
	for i := range d.p.Unblindings {
		if u := &d.p.Unblindings[i]; u.open() && u.Recipient == c.Recipient {
			return nil, fault.New("unblinding-requested", place(u.Entry), "this has been asked for, and waits for the custodian or the holders")
		}
	}
	if err := d.reasoned("unblinding somebody"); err != nil {
		return nil, err
	}
	return one(UnblindingRequested(c), d.signed(MeansResponsibility))
}

func (e UnblindingRequested) fold(s *State, p *Participant, f Fact) error {
	if p.Randomised == nil || f.Reason == "" {
		return fault.New("not-randomised", "", "asks to unblind a person who has no slot, or without a reason")
	}
	p.Unblindings = append(p.Unblindings, Unblinding{
		Entry: f.Index, Physician: e.Physician, Recipient: e.Recipient, Event: e.Event, Asked: f.At, By: f.Actor, Reason: f.Reason, Signature: f.Signature,
		Needed: s.sealed.Slots[p.Randomised.Slot].Needed,
	})
	return nil
}

// asked finds the request that a grant or confirmation is about.
func (p *Participant) asked(entry uint64) (*Unblinding, error) {
	i := slices.IndexFunc(p.Unblindings, func(u Unblinding) bool { return u.Entry == entry })
	if i < 0 {
		return nil, fault.New("unblinding-unknown", "request", "%s does not ask to unblind this person", place(entry)).
			WithHint("the request comes first, with its reason and the physician's key")
	}
	return &p.Unblindings[i], nil
}

func (c GrantUnblinding) decide(d *decision) ([]Event, error) {
	u, err := d.p.asked(c.Request)
	if err != nil {
		return nil, err
	}
	var l fault.List
	oneOf(&l, "by", c.By, vocabulary["granted"]...)
	l.Merge("file-ref", "key_file", checkFiles("key_file", c.Key))
	holders := d.s.sealed.Slots[d.p.Randomised.Slot].Holders
	switch {
	case c.By == ByCustodian && d.m.Role != RoleCustodian:
		l.Addf("grant-role", "by", "the custodian's part is sent by the custodian").WithHint("a holder's part can be brought by others")
	case c.By == ByCustodian && c.Holder != 0:
		l.Addf("holder-unknown", "holder", "the custodian is no holder")
	case c.By == ByHolder && (c.Holder < 1 || c.Holder > holders):
		l.Addf("holder-unknown", "holder", "the list names %d holders and no %d", holders, c.Holder)
	case slices.ContainsFunc(u.Grants, func(g Grant) bool { return g.By == c.By && g.Holder == c.Holder }):
		l.Addf("unblinding-granted", "holder", "this has been given already")
	}
	l.Merge(seal.CodeHandover, "key_file", d.s.handover(c.Key))
	e := UnblindingGranted{Request: c.Request, By: c.By, Holder: c.Holder, Key: c.Key}
	if c.By == ByHolder {
		e.Brought = d.m.Actor
	}
	return one(e, l.Err())
}

// handover refuses a file that nobody could open, where files can be read. That a
// part is the right one cannot be told here: it is encrypted to the physician.
func (s *State) handover(f File) error {
	if s.sealed.More == nil {
		return nil
	}
	raw, err := s.sealed.More(f.SHA256)
	if err != nil {
		return nil // whoever stores files says which are missing
	}
	err = seal.CheckHandover(raw)
	if p := (*fault.Problem)(nil); errors.As(err, &p) {
		p.Place = "key_file"
	}
	return err
}

func (e UnblindingGranted) fold(s *State, p *Participant, f Fact) error {
	u, err := p.asked(e.Request)
	if err != nil {
		return err
	}
	u.Grants = append(u.Grants, Grant{Entry: f.Index, By: e.By, Holder: e.Holder, Brought: e.Brought, Key: e.Key, At: f.At})
	// Of an earlier ledger enough parts mark her, as they did when it was written.
	if u.by(ByCustodian) || e.Brought == "" && u.Needed > 0 && len(u.Grants) >= u.Needed {
		p.unblind(u, f)
	}
	return nil
}

func (c ConfirmUnblinding) decide(d *decision) ([]Event, error) {
	u, err := d.p.asked(c.Request)
	if err != nil {
		return nil, err
	}
	if !u.Confirmed.IsZero() {
		return nil, fault.New("unblinding-confirmed", place(u.Entry), "this has been confirmed already")
	}
	return []Event{UnblindingConfirmed(c)}, nil
}

func (e UnblindingConfirmed) fold(_ *State, p *Participant, f Fact) error {
	u, err := p.asked(e.Request)
	if err != nil {
		return err
	}
	u.Confirmed = f.At
	p.unblind(u, f)
	return nil
}

// unblind marks a person from the day of the custodian's part, or of the
// physician's word that she has read it.
func (p *Participant) unblind(u *Unblinding, f Fact) {
	if !u.open() {
		return
	}
	zone, err := civil.Zone(f.Zone)
	if err != nil {
		zone = time.UTC
	}
	u.Done = civil.DateOf(f.At.In(zone))
	p.imply()
}

// HarmsBehind gives the adverse events because of which it was asked to unblind a
// person: that which the request names, and those that name the request.
func (p *Participant) HarmsBehind(u Unblinding) []*AdverseRecord {
	var out []*AdverseRecord
	for _, r := range p.AdverseLog {
		if r.Entry == u.Event || r.Now().Unblinding == u.Entry {
			out = append(out, r)
		}
	}
	return out
}

// UnblindingsOver gives the requests to unblind a person that were made because of
// an adverse event.
func (p *Participant) UnblindingsOver(r *AdverseRecord) []Unblinding {
	var out []Unblinding
	for _, u := range p.Unblindings {
		if slices.Contains(p.HarmsBehind(u), r) {
			out = append(out, u)
		}
	}
	return out
}

// unblinded gives the intercurrent events that follow from unblindings.
func (p *Participant) unblinded() []EventOccurred {
	var out []EventOccurred
	for _, u := range p.Unblindings {
		if !u.open() {
			out = append(out, EventOccurred{Event: EventUnblinded, From: u.Done, To: u.Done, Note: place(u.Entry)})
		}
	}
	return out
}

// Unblinded says whether a person's treatment has been told to anybody.
func (p *Participant) Unblinded() bool {
	return slices.ContainsFunc(p.Events, func(e EventOccurred) bool { return e.Event == EventUnblinded })
}

// Waiting says whether nobody has said yet that the physician knows.
func (u Unblinding) Waiting() bool { return u.open() }

// Notice tells those who are told of an unblinding that it happened, and nothing
// of what was found. It is as long for one arm as for another, since it knows
// none.
func (u Unblinding) Notice(who Subject, l protocol.Language) string {
	if l == "sv" {
		if u.open() {
			return "Akut avblindning av " + string(who) + " är begärd (post " + strconv.FormatUint(u.Entry, 10) + ") för " + u.Physician + ". Vad personen tar får bara " + u.Physician + " veta. Fråga inte."
		}
		return string(who) + " har avblindats för " + u.Physician + " den " + u.Done.String() + " (post " + strconv.FormatUint(u.Entry, 10) + "). Vad personen tar vet bara " + u.Physician + ". Fråga inte."
	}
	if u.open() {
		return "Emergency unblinding of " + string(who) + " is asked for (entry " + strconv.FormatUint(u.Entry, 10) + "), for " + u.Physician + ". Only " + u.Physician + " will learn what the person takes. Do not ask."
	}
	return string(who) + " was unblinded to " + u.Physician + " on " + u.Done.String() + " (entry " + strconv.FormatUint(u.Entry, 10) + "). Only " + u.Physician + " knows what the person takes. Do not ask."
}
