package study

import (
	"encoding/json"
	"slices"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// Meta is who, when, where and why of an event or a command.
type Meta struct {
	At      time.Time // UTC, microseconds, by the server's clock
	Zone    string    // where the person was; IANA
	Actor   string    // account or participant code
	Role    Role
	Reason  string // required of corrections, overrides, withdrawals by staff
	Key     string // idempotency key of the command; the same key is never done twice
	Subject Subject
	// From is where it came from: by which way (page, api, job, shell) and from
	// what class of address, never the address itself.
	From string
	// Made is when the person did it by her own device's clock, for what waited
	// there without a network; zero where it is At. See When.
	Made time.Time
	// Refiled says that staff file what came from her device and was held: Made is
	// as it came. Nothing but the place where entries are held sets it.
	Refiled bool
	// Read says of a night that the program read it from the device's file, which
	// the entry names, and that nobody wrote it. Whoever reads files sets it.
	Read bool
	// Digest is of the command that led to the entry; Prepare gives it to the first
	// entry of a command with a key.
	Digest string
	// Signature is there when what is done is signed.
	Signature *Signature
}

// Signature is what an electronic signature shows (21 CFR 11.50): the signer's
// printed name, what signing meant, and how she proved who she is. When it was
// is the entry's time. It is part of the entry that it signs, and so of the
// ledger's hash: it cannot be cut out and put elsewhere (11.70).
type Signature struct {
	Name    string `json:"name"`
	Meaning string `json:"meaning"` // review, approval, responsibility, authorship, consent
	Method  string `json:"method"`  // passkey, one-use-link, oidc, shell, …
}

// Meanings of a signature.
const (
	MeansReview         = "review"
	MeansApproval       = "approval"
	MeansResponsibility = "responsibility"
	MeansAuthorship     = "authorship"
	MeansConsent        = "consent"
)

// OldestMade is how long an entry may have waited on a device for its own clock
// to be believed.
const OldestMade = 14 * 24 * time.Hour

// When gives the moment by which windows are judged: that of the device, where
// it is believable, or else that of the server. Plausible tells which.
func (m Meta) When() time.Time {
	if m.Made.IsZero() || !m.Plausible() {
		return m.At
	}
	if m.Made.After(m.At) {
		return m.At // within the slack
	}
	return m.Made
}

// Plausible says whether the device's clock can be believed: an entry is not
// made after it has arrived (but for the slack of the server's own clock), nor
// more than fourteen days before.
func (m Meta) Plausible() bool {
	return m.Made.IsZero() || !m.Made.After(m.At.Add(slack)) && m.At.Sub(m.Made) <= OldestMade
}

// extra is what an entry's data hold of the circumstances, under "meta".
type extra struct {
	From      string     `json:"from,omitempty"`
	Made      time.Time  `json:"made,omitzero"`
	Refiled   bool       `json:"refiled,omitempty"`
	Read      bool       `json:"read,omitempty"`
	Digest    string     `json:"digest,omitempty"`
	Signature *Signature `json:"signature,omitempty"`
}

func (m Meta) extra() (extra, bool) {
	x := extra{From: m.From, Made: m.Made, Refiled: m.Refiled, Read: m.Read, Digest: m.Digest, Signature: m.Signature}
	return x, x != extra{}
}

// check says what is wrong with the circumstances of a fact or command.
func (m Meta) check() error {
	var l fault.List
	if m.At.IsZero() || m.At.Year() < 1 || m.At.Year() > 9999 {
		l.Addf("meta-time", "at", "there is no time that can be written")
	}
	if y := m.Made.UTC().Year(); y < 1 || y > 9999 {
		l.Addf("meta-time", "made", "there is no time that can be written")
	}
	if _, err := civil.Zone(m.Zone); err != nil {
		l.Addf("zone-unknown", "zone", "%q is not a time zone", m.Zone).WithHint("use an IANA name, as in Europe/Stockholm")
	}
	if m.Actor == "" {
		l.Addf("meta-actor", "actor", "nobody is named as doing this")
	}
	if !slices.Contains(Roles(), m.Role) {
		l.Addf("meta-role", "role", "%q is not a role", m.Role)
	}
	checkWords(&l, "actor", m.Actor, maxWord)
	checkWords(&l, "key", m.Key, maxWord)
	checkWords(&l, "from", m.From, maxWord)
	checkDigest(&l, m.Digest)
	checkSealed(&l, "reason", Words(m.Reason))
	checkWords(&l, "subject", string(m.Subject), maxWord)
	if s := m.Signature; s != nil {
		if s.Name == "" || s.Method == "" {
			l.Addf("signature-form", "signature", "a signature needs the signer's printed name and how she proved who she is")
		}
		checkWords(&l, "signature.name", s.Name, maxWord*4)
		checkWords(&l, "signature.method", s.Method, maxWord)
		oneOf(&l, "signature.meaning", s.Meaning, vocabulary["means"]...)
	}
	return l.Err()
}

// Roles gives all roles, in order.
func Roles() []Role {
	return []Role{
		RoleParticipant, RoleCoordinator, RoleInvestigator, RolePharmacist, RoleCustodian, RoleStatistician,
		RoleMonitor, RoleAuditor, RoleAdministrator, RoleSystem,
	}
}

// signed refuses what nobody has signed, or what is signed with another meaning.
func (d *decision) signed(meaning string) error {
	s := d.m.Signature
	switch {
	case s == nil:
		return fault.New("signature-missing", "signature", "this has to be signed").WithHint("sign with the meaning %q", meaning)
	case s.Meaning != meaning:
		return fault.New("signature-meaning", "signature.meaning", "is signed as %q, and has to be signed as %q", s.Meaning, meaning)
	}
	return nil
}

// reasoned refuses what nobody gives a reason for.
func (d *decision) reasoned(what string) error {
	if blank(d.m.Reason) {
		return fault.New("reason-missing", "reason", "%s needs a reason", what)
	}
	return nil
}

// doubted gives the deviation of an entry whose device's clock could not be
// believed; what was entered is judged by the server's clock then.
func (d *decision) doubted() []Event {
	if d.p == nil || d.m.Plausible() {
		return nil
	}
	made, _ := json.Marshal(d.m.Made)
	return []Event{Deviation{
		Code: "device-clock-doubted", Date: d.today(),
		Note: "the device says that this was entered at " + string(made[1:len(made)-1]) + "; it is taken as entered when it arrived",
	}}
}
