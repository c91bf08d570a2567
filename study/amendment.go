package study

import (
	"maps"
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
)

// An amendment is a new version of the protocol file. It is proposed by its
// hash, approved by a second person, and put into force site by site from a
// date, as each site's ethics approval comes. From then on the people of that
// site are asked, seen and reminded by the new version; those who consented to
// older information are asked again. What people are compared on is fixed when
// the trial begins: no amendment may change arms, randomisation, design or
// estimands.

// KindAmendmentInForce is that of AmendmentInForce.
const KindAmendmentInForce Kind = "amendment-in-force"

// Protocols gives the checked protocol of a file by the file's SHA-256; it asks
// no instruments but those that are given.
type Protocols func(sha256 string, known Instruments) (protocol.Checked, bool)

type (
	// AmendProtocol proposes a new version of the protocol.
	AmendProtocol struct {
		Protocol     File              `json:"protocol_file"`
		ProtocolHash string            `json:"protocol_hash"` // of the canonical form
		Version      string            `json:"version"`
		Summary      string            `json:"summary"`
		Changes      []protocol.Change `json:"changes,omitempty"` // filled in: what differs in meaning
		// Instruments are the definitions that the new version brings. Those that
		// the program has inside are filled in.
		Instruments []InstrumentUsed `json:"instruments,omitempty"`
	}
	// PutAmendmentInForce at a site, from a date.
	PutAmendmentInForce struct{ AmendmentInForce }
	// AmendmentInForce says from when a site works by an approved version.
	AmendmentInForce struct {
		Version string     `json:"version"`
		Site    string     `json:"site"`
		From    civil.Date `json:"from"`
	}
)

// Amended is an approved amendment.
type Amended struct {
	Entry   uint64 // of the approval
	At      time.Time
	Version string
	Summary string
	Changes []protocol.Change
	// Instruments are the definitions that it brought.
	Instruments []InstrumentUsed `json:",omitempty"`
	File        File
	From        map[string]civil.Date // by site; absent where it is not in force
	Protocol    protocol.Checked      `json:"-"`
}

func (AmendProtocol) command()          {}
func (AmendProtocol) about() whom       { return theTrial }
func (AmendProtocol) approvers() []Role { return []Role{RoleInvestigator} }

func (PutAmendmentInForce) command()    {}
func (PutAmendmentInForce) about() whom { return theTrial }
func (PutAmendmentInForce) leads() Kind { return KindAmendmentInForce }
func (AmendmentInForce) Kind() Kind     { return KindAmendmentInForce }

// UseProtocols says where the files of amendments are found. A trial without
// amendments needs none.
func (s *State) UseProtocols(of Protocols) { s.protocols = of }

// Latest gives the protocol as last approved, in force or not.
func (s *State) Latest() protocol.Checked {
	if n := len(s.Amendments); n > 0 {
		return s.Amendments[n-1].Protocol
	}
	return s.Protocol
}

// protocol gives the protocol by which a command is judged.
func (d *decision) protocol() protocol.Checked {
	if d.p == nil {
		return d.s.Protocol
	}
	return d.s.ProtocolFor(d.p, d.m.At)
}

// read finds the proposed file and holds it against what the proposal says.
func (c AmendProtocol) read(s *State) (protocol.Checked, error) {
	var none protocol.Checked
	if err := checkFiles("protocol_file", c.Protocol); err != nil {
		return none, err
	}
	if s.protocols == nil {
		return none, fault.New("amendment-file", "protocol_file", "the new protocol is not at hand")
	}
	brought, err := c.brought(s)
	if err != nil {
		return none, err
	}
	next, ok := s.protocols(c.Protocol.SHA256, s.with(brought))
	if !ok {
		return none, fault.New("amendment-file", "protocol_file", "there is no sound protocol of this hash at hand").
			WithHint("store the file first; dvala check names what is wrong with it")
	}
	var l fault.List
	if next.ID() != s.Protocol.ID() {
		l.Addf("amendment-trial", "protocol_file", "is the protocol of %q", next.ID())
	}
	if next.HashHex() != c.ProtocolHash {
		l.Addf("opened-protocol", "protocol_hash", "is not the hash of the protocol's canonical form")
	}
	if v := next.Protocol().Version; v != c.Version || v == s.Latest().Protocol().Version {
		l.Addf("amendment-version", "version", "the file has version %q, the proposal %q, and in force is %q", v, c.Version, s.Latest().Protocol().Version).
			WithHint("raise the version with every amendment")
	}
	for _, id := range Asked(next) {
		if _, new := brought[id]; !new && !s.Has(id) {
			l.Addf("amendment-instrument", "protocol_file", "asks %q, which the trial does not have", id).
				WithHint("name the file of its definition among the instruments: answers are scored by it, and no other")
		}
	}
	for id := range brought {
		if !slices.Contains(Asked(next), id) {
			l.Addf("amendment-instrument", "instruments", "brings %q, which the new version does not ask", id)
		}
	}
	return next, l.Err()
}

func (c AmendProtocol) propose(d *decision) error {
	c = c.whole(d.s)
	next, err := c.read(d.s)
	if err != nil {
		return err
	}
	var l fault.List
	before, after := d.s.Latest().Protocol().Consent, next.Protocol().Consent
	changes := protocol.Diff(d.s.Latest(), next)
	if len(changes) == 0 {
		return fault.New("amendment-same", "protocol_file", "says the same as the protocol in force")
	}
	for _, x := range changes {
		if x.Class.Fixed() {
			p := l.Addf("amendment-fixed", x.Place, "%s is fixed when the trial begins", x.Class)
			if strings.HasPrefix(x.Place, "sites") {
				p.WithHint("the sealed list has its strata by site, so that a new site has no slots: run the protocol there as a trial of its own, and put the two together afterwards (dvala pool)")
				continue
			}
			p.WithHint("arms, randomisation, design and estimands are what people are compared on, and no amendment changes them: begin another trial (doc/formats/protocol.md, what an amendment may change)")
		}
		if x.Class == protocol.ClassConsent && before.Version == after.Version {
			l.Addf("consent-version", "consent.version", "the information changes at %s, and its version does not", x.Place).
				WithHint("raise consent.version, so that people are asked again")
		}
	}
	if blank(c.Summary) {
		l.Addf("amendment-summary", "summary", "say in a few words what changes and why")
	}
	checkWords(&l, "summary", c.Summary, maxText)
	if c.Changes != nil && !slices.Equal(c.Changes, changes) {
		l.Addf("amendment-changes", "changes", "are not those between the two versions")
	}
	return l.Err()
}

// filled gives the proposal with its changes.
func (c AmendProtocol) filled(d *decision) Proposal {
	c = c.whole(d.s)
	if next, err := c.read(d.s); err == nil && c.Changes == nil {
		c.Changes = protocol.Diff(d.s.Latest(), next)
	}
	return c
}

func (c AmendProtocol) approve(d *decision, _ *Proposing) ([]Event, error) { return nil, c.propose(d) }

func (c AmendProtocol) carry(s *State, _ *Participant, f Fact) error {
	next, err := c.read(s)
	if err != nil {
		return err
	}
	brought, err := c.brought(s)
	if err != nil {
		return err
	}
	if s.added == nil && len(brought) > 0 {
		s.added = map[instrument.ID]*instrument.Definition{}
	}
	maps.Copy(s.added, brought)
	s.Amendments = append(s.Amendments, &Amended{
		Entry: f.Index, At: f.At, Version: c.Version, Summary: c.Summary, Changes: c.Changes, Instruments: c.Instruments, File: c.Protocol,
		From: map[string]civil.Date{}, Protocol: next,
	})
	return nil
}

func (c PutAmendmentInForce) decide(d *decision) ([]Event, error) {
	a, ok := d.s.amendment(c.Version)
	if !ok {
		return nil, fault.New("amendment-unknown", "version", "no approved amendment has the version %.60q", c.Version)
	}
	if _, ok := a.Protocol.Site(c.Site); !ok {
		return nil, fault.New("site-unknown", "site", "the amended protocol has no site %.60q", c.Site)
	}
	var l fault.List
	checkDate(&l, "from", c.From)
	if _, twice := a.From[c.Site]; twice {
		l.Addf("amendment-in-force", "site", "this version is in force at %s from %v", c.Site, a.From[c.Site])
	}
	if c.From.Before(d.today()) {
		l.Addf("amendment-past", "from", "a version comes into force today at the earliest")
	}
	return one(c.AmendmentInForce, l.Err())
}

func (s *State) amendment(version string) (*Amended, bool) {
	i := slices.IndexFunc(s.Amendments, func(a *Amended) bool { return a.Version == version })
	if i < 0 {
		return nil, false
	}
	return s.Amendments[i], true
}

func (e AmendmentInForce) fold(s *State, _ *Participant, _ Fact) error {
	a, ok := s.amendment(e.Version)
	if !ok {
		return fault.New("amendment-unknown", "", "no approved amendment has the version %q", e.Version)
	}
	a.From[e.Site] = e.From
	return nil
}
