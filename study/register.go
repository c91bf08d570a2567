package study

import (
	"slices"
	"sort"
	"time"
)

// register says of every entry in a few bytes whom it is about, of which kind it
// is, who made it, in which role and when: enough to find entries by, without
// reading the ledger.
type register struct {
	marks  []mark
	kinds  []Kind
	roles  []Role
	actors []string
	known  map[string]uint32 // actors by name
	files  map[string]uint32 // by hash, whom the entries that name it are about, as in a mark
	index  index
}

// several marks a file that entries about more than one name.
const several = ^uint32(0)

type mark struct {
	at    int64  // nanoseconds since 1970, UTC
	who   uint32 // place in Order, from 1; 0: nobody
	actor uint32
	kind  uint16
	role  uint16
}

func (r *register) add(f Fact, who uint32) {
	actor, ok := r.known[f.Actor]
	if !ok {
		if r.known == nil {
			r.known = map[string]uint32{}
		}
		actor = uint32(len(r.actors))
		r.known[f.Actor], r.actors = actor, append(r.actors, f.Actor)
	}
	for _, file := range Files(f.Event) {
		if r.files == nil {
			r.files = map[string]uint32{}
		}
		if of, named := r.files[file.SHA256]; named && of != who {
			r.files[file.SHA256] = several
		} else if !named {
			r.files[file.SHA256] = who
		}
	}
	m := mark{at: f.At.UnixNano(), who: who, actor: actor, kind: intern(&r.kinds, f.Event.Kind()), role: intern(&r.roles, f.Role)}
	r.index.add(m, uint32(len(r.marks)))
	r.marks = append(r.marks, m)
}

// intern gives the number of a word in a short list.
func intern[T comparable](of *[]T, word T) uint16 {
	i := slices.Index(*of, word)
	if i < 0 {
		i = len(*of)
		*of = append(*of, word)
	}
	return uint16(i)
}

// Selection picks entries. What is empty picks all.
type Selection struct {
	Subject Subject
	Kinds   []Kind
	Role    Role
	Actor   func(string) bool
	Since   time.Time
	Until   time.Time // not included
	// See says whether the reader may know of entries about somebody, or, with
	// nil, about the trial.
	See func(*Participant) bool
}

// Select gives the places of entries that fit, forwards from a place on or
// backwards from it, that place included.
func (s *State) Select(q Selection, from uint64, backwards bool) func(yield func(uint64) bool) {
	return func(yield func(uint64) bool) {
		lo, hi := s.between(q.Since, q.Until)
		if backwards {
			hi = min(hi, from+1)
		} else {
			lo = max(lo, from)
		}
		fits := s.fits(q)
		if q.Subject != "" {
			p, ok := s.People[q.Subject]
			if !ok {
				return
			}
			of := p.entries
			of = of[sort.Search(len(of), func(i int) bool { return of[i] >= lo }):]
			of = of[:sort.Search(len(of), func(i int) bool { return of[i] >= hi })]
			for i := range of {
				if backwards {
					i = len(of) - 1 - i
				}
				if fits(s.register.marks[of[i]]) && !yield(of[i]) {
					return
				}
			}
			return
		}
		for n := lo; n < hi; n++ {
			at := n
			if backwards {
				at = hi - 1 - (n - lo)
			}
			if fits(s.register.marks[at]) && !yield(at) {
				return
			}
		}
	}
}

// between gives the places of the entries of a time: those of a ledger are in
// its order.
func (s *State) between(since, until time.Time) (lo, hi uint64) {
	marks := s.register.marks
	hi = uint64(len(marks))
	if !since.IsZero() {
		lo = uint64(sort.Search(len(marks), func(i int) bool { return marks[i].at >= since.UnixNano() }))
	}
	if !until.IsZero() {
		hi = uint64(sort.Search(len(marks), func(i int) bool { return marks[i].at >= until.UnixNano() }))
	}
	return lo, max(lo, hi)
}

// fits asks what is to be asked of names once a name, and not once an entry.
func (s *State) fits(q Selection) func(mark) bool {
	r := &s.register
	kinds, roles, actors := make([]bool, len(r.kinds)), make([]bool, len(r.roles)), make([]bool, len(r.actors))
	for i, k := range r.kinds {
		kinds[i] = len(q.Kinds) == 0 || slices.Contains(q.Kinds, k)
	}
	for i, role := range r.roles {
		roles[i] = q.Role == "" || q.Role == role
	}
	for i, name := range r.actors {
		actors[i] = q.Actor == nil || q.Actor(name)
	}
	return func(m mark) bool {
		if !kinds[m.kind] || !roles[m.role] || !actors[m.actor] {
			return false
		}
		switch {
		case q.See == nil:
			return true
		case m.who == 0:
			return q.See(nil)
		}
		return q.See(s.People[s.Order[m.who-1]])
	}
}

// WrittenAt gives when an entry was written; zero of one that there is not.
func (s *State) WrittenAt(entry uint64) time.Time {
	if entry >= uint64(len(s.register.marks)) {
		return time.Time{}
	}
	return time.Unix(0, s.register.marks[entry].at).UTC()
}

// NamesFile says whether entries about a person, or, with nobody, about the trial
// name a file, and none about anybody or anything else does.
func (s *State) NamesFile(who Subject, sha256 string) bool {
	of, named := s.register.files[sha256]
	if who == "" {
		return named && of == 0
	}
	p, ok := s.People[who]
	return named && ok && of == uint32(p.place)+1
}

// Entries gives the places of the entries about a person, in their order. It is
// not to be changed.
func (p *Participant) Entries() []uint64 { return p.entries }
