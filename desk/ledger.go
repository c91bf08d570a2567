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
	At            time.Time
	Zone          string
	Actor         string
	Role          study.Role
	Kind          study.Kind
	Subject       study.Subject
	Reason, About string
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
		Index: f.Index, At: f.At, Zone: f.Zone, Actor: f.Actor, Role: f.Role, Kind: f.Event.Kind(),
		Subject: f.Subject, Reason: f.Reason, About: About(f.Event), Raw: string(e.Bytes), Event: f.Event,
	}, nil
}

// About tells in a few words what an event says beyond its kind.
func About(ev study.Event) string {
	switch e := ev.(type) {
	case study.Opened:
		return join(e.Trial, "protocol "+short(e.ProtocolHash), "list sealed by "+e.Sealing)
	case study.Screened:
		if e.Eligible {
			return "eligible"
		}
		return "not eligible: " + strings.Join(e.Failed, ", ")
	case study.Consented:
		return join("version "+e.Version, string(e.Language))
	case study.Enrolled:
		return join(e.Zone, "randomisation planned for "+e.Planned.String())
	case study.Randomised:
		return join(e.Date.String(), Stratum(e.Cell), "slot "+strconv.Itoa(e.Slot))
	case study.Dispensed:
		return join(e.Visit, "kit "+e.Kit)
	case study.Returned:
		return join(e.Visit, "kit "+e.Kit, strconv.Itoa(e.Units)+" units")
	case study.Answered:
		late := ""
		if e.Late {
			late = "late"
		}
		if e.Visit != "" {
			return join(e.Instrument, e.Visit, late)
		}
		return join(e.Instrument, "night to "+e.Night.String(), late)
	case study.NightRecorded:
		return join(e.Vendor, "night to "+e.Night.String())
	case study.DoseTaken:
		return join(e.Date.String(), strconv.Itoa(e.Units)+" units")
	case study.EventOccurred:
		return join(e.Event, "from "+e.From.String())
	case study.AdverseEvent:
		return join(e.Term, e.Coded, e.Severity, map[bool]string{true: "serious"}[e.Serious])
	case study.Deviation:
		return join(e.Code, e.Note)
	}
	return aboutEnd(ev)
}

func aboutEnd(ev study.Event) string {
	switch e := ev.(type) {
	case study.Corrected:
		return "entry " + strconv.FormatUint(e.Entry, 10) + ", " + e.Field + ": " + string(e.Old) + " → " + string(e.New)
	case study.Withdrew:
		return join("from "+e.From, e.Why)
	case study.Completed:
		return e.Date.String()
	case study.DryRun:
		return "results " + short(e.Results.SHA256)
	case study.Locked:
		return join(strconv.FormatUint(e.Entries, 10)+" entries", "root "+short(e.Root))
	case study.AllocationsOpen:
		return "openings " + short(e.Openings.SHA256)
	case study.Reported:
		return "results " + short(e.Results.SHA256)
	}
	return aboutConduct(ev)
}

// short is the beginning of a hash, for the eye.
func short(hash string) string {
	if len(hash) > 12 {
		return hash[:12] + "…"
	}
	return hash
}

func join(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " · ")
}
