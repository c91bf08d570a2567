package study

// A signature is of what the ledger held when it was given (21 CFR 11.70): of a
// form, of all about a person, or of the trial. What is changed afterwards it
// does not cover, and whoever sees it is told so.

// beside are the kinds that change nothing of what is known about people: they say
// that something was signed, checked, asked or locked.
var beside = map[Kind]bool{
	KindSigned: true, KindSourceVerified: true, KindFormLocked: true, KindPersonLocked: true, KindUnlocked: true,
	KindProposed: true, KindDeclined: true,
	KindQueryRaised: true, KindQueryAnswered: true, KindQueryClosed: true, KindQueryReopened: true,
	KindDryRun: true, KindLocked: true, KindAllocationsOpen: true, KindReported: true, KindClockJumped: true,
	KindClockConfirmed: true, KindAccessLog: true, KindHeld: true, KindHeldSettled: true,
}

// changes remembers which entry changed what last.
type changes struct {
	entry  map[uint64]uint64 // what an earlier entry tells, by that entry
	person map[Subject]uint64
	trial  uint64
}

// changed notes a fact that was folded.
func (s *State) changed(f Fact) {
	if beside[f.Event.Kind()] {
		return
	}
	if e, is := f.Event.(Approved); is {
		if of, ok := s.Proposed(e.Proposal); ok && of.What == NameOf(Unlock{}) {
			return // it is open again, and as it was
		}
	}
	if s.changes.entry == nil {
		s.changes = changes{entry: map[uint64]uint64{}, person: map[Subject]uint64{}}
	}
	c := &s.changes
	c.trial = f.Index
	if f.Subject != "" {
		c.person[f.Subject] = f.Index
	}
	switch e := f.Event.(type) {
	case Corrected:
		c.entry[e.Entry] = f.Index
	case DeviationReviewed:
		c.entry[e.Entry] = f.Index
	case AdverseEventUpdated:
		for _, r := range s.People[f.Subject].AdverseLog {
			if r.Entry == e.Event {
				for _, v := range r.Versions[:len(r.Versions)-1] {
					c.entry[v.Entry] = f.Index
				}
			}
		}
	}
}

// StaleSince gives the entry that last changed what a signature is of, if it was
// changed after it was signed: then the signature is of an older state.
func (s *State) StaleSince(who Subject, x Signing) (entry uint64, stale bool) {
	switch x.What {
	case OfForm:
		entry = s.changes.entry[x.Of]
	case OfPerson:
		entry = s.changes.person[who]
	default:
		entry = s.changes.trial
	}
	return entry, entry > x.Entry
}

// SigningNow is a signature and whether it is of the state of now.
type SigningNow struct {
	Signing
	Stale bool
	Since uint64 // the entry that changed last what it is of, where it is stale
}

// SignaturesOf gives the signatures about a person, or with an empty code those of
// the trial as a whole, each with whether it still covers what there is.
func (s *State) SignaturesOf(who Subject) []SigningNow {
	list := s.Signatures
	if p, ok := s.People[who]; ok {
		list = p.Signatures
		if p.Locked != nil {
			list = append(list[:len(list):len(list)], *p.Locked)
		}
	}
	out := make([]SigningNow, len(list))
	for i, x := range list {
		out[i] = SigningNow{Signing: x}
		if since, stale := s.StaleSince(who, x); stale {
			out[i].Stale, out[i].Since = true, since
		}
	}
	return out
}
