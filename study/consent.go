package study

import (
	"maps"
	"slices"
	"time"

	"dvala/fault"
	"dvala/protocol"
)

// Consented to the information in a version and language.
type Consented struct {
	Version  string            `json:"version"`
	Language protocol.Language `json:"language"`
	// Understood are the answers to the protocol's comprehension questions, by
	// their IDs: which option she chose in the end, and how often she tried.
	Understood map[string]Understood `json:"understood,omitempty"`
	// Optional says of each part that may be refused whether she agrees to it.
	Optional map[string]bool `json:"optional,omitempty"`
	// Name is her name as she typed it in place of a signature; with signature
	// typed, it or Drawn is there.
	Name Words `json:"name,omitempty"`
	// Drawn is her signature as she drew it, beside the name or in its place.
	Drawn *File `json:"signature_file,omitempty"`
	// Document is the copy that she was given to keep.
	Document *File `json:"document_file,omitempty"`
}

// Understood is an answer to a comprehension question.
type Understood struct {
	Option int `json:"option"` // from 0
	Tries  int `json:"tries"`  // 1 where the first was right
}

// informed gives what is consented to by a person: the information in force for
// her site at an instant; of what waited on her device, that of when she entered it.
func (d *decision) informed() protocol.Consent {
	if d.waited() {
		return d.s.ProtocolFor(d.p, d.m.When()).Protocol().Consent
	}
	return d.protocol().Protocol().Consent
}

func (d *decision) consent(c Consent) ([]Event, error) {
	if d.p.Closed != nil {
		return nil, fault.New("screening-closed", string(d.p.Subject), "the screening is closed: %s", d.p.Closed.Why)
	}
	if !d.p.Eligible() {
		return nil, fault.New("not-eligible", string(d.p.Subject), "the person does not meet the criteria: %v", d.p.Screening.Failed)
	}
	if err := d.inTrial(); err != nil {
		return nil, err
	}
	asked := d.informed()
	if c.Version != asked.Version {
		return nil, fault.New("consent-version", "version", "%q is not the version in force, which is %q", c.Version, asked.Version).
			WithHint("show the person the information in force and ask again")
	}
	if n := len(d.p.Consents); n > 0 && d.p.Consents[n-1].Version == c.Version {
		return nil, fault.New("consented-already", string(d.p.Subject), "the person has consented to version %q already", c.Version)
	}
	e := Consented(c)
	if err := e.check(); err != nil {
		return nil, err
	}
	if err := d.language(c.Language); err != nil {
		return nil, err
	}
	return one(e, d.whole(e, asked))
}

// whole refuses a consent that leaves out what the protocol asks of it.
func (d *decision) whole(e Consented, asked protocol.Consent) error {
	var l fault.List
	known := map[string]bool{}
	for _, q := range asked.Questions {
		known[q.ID] = true
		a, ok := e.Understood[q.ID]
		switch {
		case !ok:
			l.Addf("comprehension", "understood."+q.ID, "is not answered")
		case a.Option != q.Right:
			l.Addf("comprehension", "understood."+q.ID, "is not answered rightly").WithHint("show the information again, then ask again")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.Understood)) {
		if !known[id] {
			l.Addf("comprehension", "understood."+id, "is not a question of the protocol")
		}
	}
	parts := map[string]bool{}
	for _, o := range asked.Optional {
		parts[o.ID] = true
		if _, ok := e.Optional[o.ID]; !ok {
			l.Addf("consent-part", "optional."+o.ID, "is neither agreed to nor refused")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.Optional)) {
		if !parts[id] {
			l.Addf("consent-part", "optional."+id, "is not a part that can be refused")
		}
	}
	if asked.Signature == "typed" && blank(string(e.Name)) && e.Drawn == nil {
		l.Addf("signature-missing", "name", "neither a name is typed nor a signature drawn")
	}
	return l.Err()
}

func (e Consented) check() error {
	var l fault.List
	checkWords(&l, "version", e.Version, maxWord)
	checkSealed(&l, "name", e.Name)
	for id, a := range e.Understood {
		checkWords(&l, "understood", id, maxWord)
		if a.Option < 0 || a.Option > 99 || a.Tries < 1 || a.Tries > 99 {
			l.Addf("comprehension", "understood", "an option is counted from 0, and tries from 1")
		}
	}
	for id := range e.Optional {
		checkWords(&l, "optional", id, maxWord)
	}
	if e.Drawn != nil {
		l.Merge("file-ref", "signature_file", checkFiles("signature_file", *e.Drawn))
	}
	if e.Document != nil {
		l.Merge("file-ref", "document_file", checkFiles("document_file", *e.Document))
	}
	return l.Err()
}

// files gives what a consent names: the drawn signature and the copy.
func (e Consented) files() []File {
	var out []File
	for _, f := range []*File{e.Drawn, e.Document} {
		if f != nil {
			out = append(out, *f)
		}
	}
	return out
}

// Agreed says whether the person's consent in force covers an optional part.
func (p *Participant) Agreed(part string) bool {
	n := len(p.Consents)
	return n > 0 && p.Consents[n-1].Optional[part]
}

// NeedsConsent says whether the person is to be asked again, because information
// has come into force that she has not consented to, and gives its version.
// Until she has, nothing is collected but what concerns her safety.
func (s *State) NeedsConsent(p *Participant, now time.Time) (version string, needs bool) {
	version = s.ProtocolFor(p, now).Protocol().Consent.Version
	n := len(p.Consents)
	return version, n > 0 && !p.Stopped() && p.Consents[n-1].Version != version
}
