package study

import (
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// Kinds of facts about kits, beside their being handed out and counted back.
const (
	KindKitsReceived Kind = "kits-received" // a consignment has come to a site
	KindKitNoted     Kind = "kit-noted"     // a kit at the site is not fit to be handed out
	KindKitReplaced  Kind = "kit-replaced"  // the next spare of the same slot, for one that is lost or spoilt
)

// What can be wrong with a kit.
const (
	KitLost    = "lost"
	KitDamaged = "damaged"
	KitExpired = "expired"
	KitRecall  = "recalled"
)

var unfit = []string{KitLost, KitDamaged, KitExpired, KitRecall}

type (
	// ReceiveKits says which kits have come to a site. From its first consignment
	// on, a site hands out only what it has received.
	ReceiveKits struct {
		Site    string     `json:"site"`
		Kits    []string   `json:"kits"` // numbers, as printed
		Expires civil.Date `json:"expires,omitzero"`
	}
	// KitsReceived is a consignment at its site.
	KitsReceived ReceiveKits
	// NoteKit says that a kit which nobody has is not to be handed out.
	NoteKit struct {
		Kit  string `json:"kit"`
		What string `json:"what"` // lost, damaged, expired, recalled
	}
	// KitNoted is that.
	KitNoted NoteKit
	// ReplaceKit hands out the next spare of the same slot for a kit that the
	// person was given and that is lost or spoilt. The reason is in Meta.
	ReplaceKit struct {
		Kit  string `json:"kit"`
		What string `json:"what"`
	}
	// KitReplaced is that. The chain gives the kit; no stock is counted by arm.
	KitReplaced struct {
		Visit string     `json:"visit"`
		Old   string     `json:"old"`
		What  string     `json:"what"`
		Kit   string     `json:"kit"`
		Date  civil.Date `json:"date"`
	}
)

func (ReceiveKits) command()    {}
func (ReceiveKits) about() whom { return theTrial }
func (ReceiveKits) leads() Kind { return KindKitsReceived }
func (NoteKit) command()        {}
func (NoteKit) about() whom     { return theTrial }
func (NoteKit) leads() Kind     { return KindKitNoted }
func (ReplaceKit) command()     {}
func (ReplaceKit) about() whom  { return onePerson }
func (ReplaceKit) leads() Kind  { return KindKitReplaced }
func (KitsReceived) Kind() Kind { return KindKitsReceived }
func (KitNoted) Kind() Kind     { return KindKitNoted }
func (KitReplaced) Kind() Kind  { return KindKitReplaced }

// StockKit is what is known of a kit beside whose it is.
type StockKit struct {
	Site     string     `json:"site,omitempty"`
	Received time.Time  `json:"received,omitzero"`
	Expires  civil.Date `json:"expires,omitzero"`
	Unfit    string     `json:"unfit,omitempty"` // lost, damaged, expired, recalled
	UnfitAt  time.Time  `json:"unfit_at,omitzero"`
	Entry    uint64     `json:"entry"` // of the latest of these
}

// siteOfCell gives the site that a cell's kits are packed for: the cell's own,
// or the only one there is.
func (s *State) siteOfCell(key string) string {
	if c, ok := s.Protocol.Cell(key); ok {
		if site, ok := c.Site(); ok {
			return site
		}
	}
	return s.Protocol.Protocol().Sites[0].ID
}

// SiteOfKit gives the site that a kit is packed for, or nothing for what is no
// kit of the trial.
func (s *State) SiteOfKit(number string) string {
	if slot, _, ok := s.kitAt(number); ok {
		return s.siteOfCell(s.sealed.Slots[slot].Cell)
	}
	return ""
}

// kitAt finds a kit of the list: its slot and its place there.
func (s *State) kitAt(number string) (slot int, k Kit, ok bool) {
	for i, sl := range s.sealed.Slots {
		if sl.For != nil {
			continue // its kits stand in the chain that they are for
		}
		for _, k := range sl.Kits {
			if k.Number == number {
				return i, k, true
			}
		}
	}
	return 0, Kit{}, false
}

func (c ReceiveKits) decide(d *decision) ([]Event, error) {
	var l fault.List
	if _, ok := d.s.Protocol.Site(c.Site); !ok {
		l.Addf("site-unknown", "site", "the protocol has no site %q", c.Site)
		return nil, l
	}
	if len(c.Kits) == 0 {
		l.Addf("kit-unknown", "kits", "no kit is named")
	}
	if !c.Expires.IsZero() {
		checkDate(&l, "expires", c.Expires)
		if c.Expires.Before(d.today()) {
			l.Addf("kit-expired", "expires", "the kits expired on %v", c.Expires).WithHint("note them as expired, and ask for others")
		}
	}
	for i, number := range c.Kits {
		slot, _, ok := d.s.kitAt(number)
		switch {
		case !ok:
			l.Addf("kit-unknown", "kits", "%.40q is no kit of this trial", number).WithHint("read it again from the kit: its last digit is a check")
		case slices.Contains(c.Kits[:i], number):
			l.Addf("kit-twice", "kits", "kit %s is named twice", number)
		case d.s.siteOfCell(d.s.sealed.Slots[slot].Cell) != c.Site:
			l.Addf("kit-elsewhere", "kits", "kit %s is packed for another site", number).WithHint("send it there; it is of no use here")
		case !d.s.Stock[number].Received.IsZero():
			l.Addf("kit-received", "kits", "kit %s has been received already", number)
		}
	}
	if l.Err() == nil && !c.Expires.IsZero() {
		l = append(l, d.s.wholeRuns(c.Kits)...)
	}
	return one(KitsReceived(c), l.Err())
}

// wholeRuns sees that a consignment with a date of expiry holds, of each cell,
// whole slots that follow one another: a date that went with some slots of a
// run and not with others could tell the arms apart.
func (s *State) wholeRuns(kits []string) fault.List {
	var l fault.List
	for cell, slots := range s.cells {
		first, last, n := -1, -1, 0
		for at, i := range slots {
			in := 0
			for _, k := range s.sealed.Slots[i].Kits {
				if slices.Contains(kits, k.Number) {
					in++
				}
			}
			if in == 0 {
				continue
			}
			if in != len(s.sealed.Slots[i].Kits) {
				l.Addf("kits-split", "kits", "of slot %d in %s some kits are in the consignment and some are not", i, cell)
			}
			if first < 0 {
				first = at
			}
			last, n = at, n+1
		}
		if n > 0 && last-first+1 != n {
			l.Addf("kits-split", "kits", "the slots of %s in the consignment do not follow one another", cell)
		}
	}
	if len(l) > 0 {
		l.Sort()
		l[0].WithHint("a date of expiry belongs to a whole run of the list, so that it tells nothing about what is in a kit")
	}
	return l
}

func (e KitsReceived) fold(s *State, _ *Participant, f Fact) error {
	for _, number := range e.Kits {
		if _, _, ok := s.kitAt(number); !ok {
			return fault.New("kit-unknown", "", "%q is no kit of this trial", number)
		}
		k := s.Stock[number]
		k.Site, k.Received, k.Expires, k.Entry = e.Site, f.At, e.Expires, f.Index
		s.Stock[number] = k
	}
	s.stocked[e.Site] = true
	return nil
}

func (c NoteKit) decide(d *decision) ([]Event, error) {
	var l fault.List
	oneOf(&l, "what", c.What, unfit...)
	if _, _, ok := d.s.kitAt(c.Kit); !ok {
		l.Addf("kit-unknown", "kit", "%.40q is no kit of this trial", c.Kit)
	} else if who, given := d.s.holderOf(c.Kit); given {
		l.Addf("kit-given", "kit", "kit %s was handed out to %s", c.Kit, who).WithHint("replace it for that person")
	} else if d.s.Stock[c.Kit].Unfit != "" {
		l.Addf("kit-noted", "kit", "kit %s is noted as %s already", c.Kit, d.s.Stock[c.Kit].Unfit)
	}
	if l.Err() != nil {
		return nil, l
	}
	return one(KitNoted(c), d.reasoned("taking a kit out of the stock"))
}

func (e KitNoted) fold(s *State, _ *Participant, f Fact) error {
	if _, _, ok := s.kitAt(e.Kit); !ok {
		return fault.New("kit-unknown", "", "%q is no kit of this trial", e.Kit)
	}
	s.spoil(e.Kit, e.What, f)
	return nil
}

func (s *State) spoil(kit, what string, f Fact) {
	k := s.Stock[kit]
	k.Unfit, k.UnfitAt, k.Entry = what, f.At, f.Index
	s.Stock[kit] = k
}

// holderOf gives who was handed a kit.
func (s *State) holderOf(kit string) (Subject, bool) {
	slot, _, ok := s.kitAt(kit)
	if !ok {
		return "", false
	}
	who, given := s.slotOf[slot]
	if !given || !slices.ContainsFunc(s.People[who].Kits, func(k KitGiven) bool { return k.Kit == kit }) {
		return "", false
	}
	return who, true
}

func (c ReplaceKit) decide(d *decision) ([]Event, error) {
	if err := d.randomised(); err != nil {
		return nil, err
	}
	if w, stopped := d.p.WithdrewFrom("treatment"); stopped {
		return nil, fault.New("stopped-treatment", string(d.p.Subject), "the person stopped the treatment on %v", w.Date)
	}
	var l fault.List
	oneOf(&l, "what", c.What, unfit...)
	if l.Err() != nil {
		return nil, l
	}
	i := slices.IndexFunc(d.p.Kits, func(k KitGiven) bool { return k.Kit == c.Kit })
	switch {
	case i < 0:
		return nil, fault.New("kit-unknown", c.Kit, "this kit was not handed out to the person")
	case d.p.Kits[i].Replaced != "":
		return nil, fault.New("kit-replaced", c.Kit, "this kit was replaced by %s already", d.p.Kits[i].Replaced)
	}
	if err := d.reasoned("replacing a kit"); err != nil {
		return nil, err
	}
	visit := d.p.Kits[i].Visit
	next, err := d.s.nextKit(d.p, visit, d.today())
	if err != nil {
		return nil, err
	}
	return one(KitReplaced{Visit: visit, Old: c.Kit, What: c.What, Kit: next, Date: d.today()}, nil)
}

func (e KitReplaced) fold(s *State, p *Participant, f Fact) error {
	i := slices.IndexFunc(p.Kits, func(k KitGiven) bool { return k.Kit == e.Old })
	if i < 0 || p.Kits[i].Visit != e.Visit || p.Kits[i].Replaced != "" {
		return fault.New("kit-unknown", "", "kit %s was not handed out to this person, or is replaced", e.Old)
	}
	next, err := s.nextKit(p, e.Visit, e.Date)
	if err != nil {
		return err
	}
	if next != e.Kit {
		return fault.New("kit-order", "", "kit %s, where %s is due", e.Kit, next)
	}
	p.Kits[i].Replaced = e.Kit
	s.spoil(e.Old, e.What, f)
	p.Kits = append(p.Kits, KitGiven{Dispensed: Dispensed{Visit: e.Visit, Kit: e.Kit, Date: e.Date}})
	return nil
}

// fit says whether a kit can be handed out on a day, and why not.
func (s *State) fit(kit Kit, site string, today civil.Date) error {
	k := s.Stock[kit.Number]
	switch {
	case k.Unfit != "":
		return fault.New("kit-"+fault.Code(k.Unfit), kit.Number, "this kit is noted as %s", k.Unfit)
	case !k.Expires.IsZero() && k.Expires.Before(today):
		return fault.New("kit-expired", kit.Number, "expired on %v", k.Expires)
	case s.stocked[site] && k.Received.IsZero():
		return fault.New("kit-not-here", kit.Number, "has not come to the site")
	}
	return nil
}

// kitsHere refuses to give out a slot whose first kits are not at a site that
// counts its stock: the same words whatever is in them.
func (s *State) kitsHere(slot int, today civil.Date) error {
	cell := s.sealed.Slots[slot].Cell
	site := s.siteOfCell(cell)
	if !s.stocked[site] {
		return nil
	}
	chain := s.sealed.Slots[slot].Kits
	for _, v := range s.Protocol.Protocol().Visits {
		if !v.Dispense || v.Day > 0 {
			continue
		}
		if !slices.ContainsFunc(chain, func(k Kit) bool { return k.Visit == v.ID && s.fit(k, site, today) == nil }) {
			return fault.New("kits-not-here", cell, "the kits of the next place on the list are not at the site").
				WithHint("receive the next consignment first; kits of another place may not be given in their stead")
		}
	}
	return nil
}

// StockLine is one kit as a site sees it: where it is, and nothing of what is in
// it.
type StockLine struct {
	Kit     string     `json:"kit"`
	Visit   string     `json:"visit"`
	State   string     `json:"state"` // announced, in stock, handed out, returned, replaced, lost, damaged, expired, recalled
	Expires civil.Date `json:"expires,omitzero"`
	Person  Subject    `json:"person,omitempty"`
}

// States of a kit in a stock.
const (
	KitAnnounced = "announced" // on the list, and not at the site
	KitInStock   = "in stock"
	KitHandedOut = "handed out"
	KitReturned  = "returned"
	KitSwapped   = "replaced" // handed out, and another given in its place
)

// StockOf gives the kits of a site on a day, by visit and number. Kits are in
// the order of their numbers, which says nothing about the order in which they
// are given out. Those that are announced are left out where the site counts no
// stock.
func (s *State) StockOf(site string, today civil.Date) []StockLine {
	var out []StockLine
	for i, slot := range s.sealed.Slots {
		if slot.For != nil || s.siteOfCell(slot.Cell) != site {
			continue
		}
		who, given := s.slotOf[i]
		for _, k := range slot.Kits {
			line := StockLine{Kit: k.Number, Visit: k.Visit, State: KitAnnounced, Expires: s.Stock[k.Number].Expires}
			switch err := s.fit(k, site, today); {
			case err == nil && s.stocked[site]:
				line.State = KitInStock
			case s.Stock[k.Number].Unfit != "":
				line.State = s.Stock[k.Number].Unfit
			case fault.CodeOf(err) == "kit-expired":
				line.State = KitExpired
			}
			if given {
				s.ofPerson(&line, s.People[who])
			}
			out = append(out, line)
		}
	}
	slices.SortFunc(out, func(a, b StockLine) int {
		return strings.Compare(a.Visit+"\x00"+a.Kit, b.Visit+"\x00"+b.Kit)
	})
	return out
}

// ofPerson says of a kit what became of it with the person who has its slot.
func (s *State) ofPerson(line *StockLine, p *Participant) {
	for _, k := range p.Kits {
		if k.Kit != line.Kit {
			continue
		}
		line.Person = p.Subject
		switch {
		case k.Replaced != "":
			line.State = KitSwapped
		case k.Returned != nil:
			line.State = KitReturned
		default:
			line.State = KitHandedOut
		}
	}
}
