package desk

import (
	"math"
	"strconv"
	"strings"
	"time"

	"dvala/ledger"
	"dvala/study"
)

// trim writes a number with at most two decimals and a true minus.
func trim(x float64) string {
	return strings.Replace(strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64), "-", "−", 1)
}

// Entry is one line of the ledger for a reader.
type Entry struct {
	Index         uint64
	Hash          string // of its leaf in the tree
	At            time.Time
	Zone          string
	Actor         string
	Role          study.Role
	Kind          study.Kind
	Subject       study.Subject
	Reason, About string
	Says          Said
	Raw           string
	Event         study.Event
}

// NewEntry reads an entry.
func NewEntry(e ledger.Entry) (Entry, error) {
	f, err := study.Decode(e)
	if err != nil {
		return Entry{}, err
	}
	return Entry{
		Index: f.Index, Hash: e.Hash().String(), At: f.At, Zone: f.Zone, Actor: f.Actor, Role: f.Role, Kind: f.Event.Kind(),
		Subject: f.Subject, Reason: f.Reason, About: About(f.Event), Says: Says(f.Event), Raw: string(e.Bytes), Event: f.Event,
	}, nil
}
