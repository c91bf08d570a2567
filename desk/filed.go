package desk

import (
	"context"
	"io"
	"maps"
	"slices"

	"dvala/civil"
	"dvala/fault"
	"dvala/study"
)

// Filed is a file about a person that entries name.
type Filed struct {
	study.File
	Entry   uint64 // of a night; 0 of a consent, whose entry is not kept
	Consent int    // the copy of this one of her consents, counted from 1; 0: it is another file
	Vendor  string // of a night: whose device
	Night   civil.Date
}

// FilesOf gives the files about a person that entries which are in force name:
// the copies of her consents, then what her devices gave, by vendor and night.
func FilesOf(p *study.Participant) []Filed {
	var out []Filed
	for i, c := range p.Consents {
		if c.Document != nil {
			out = append(out, Filed{File: *c.Document, Consent: i + 1})
		}
	}
	for _, vendor := range slices.Sorted(maps.Keys(p.Nights)) {
		of := p.Nights[vendor]
		for _, night := range slices.SortedFunc(maps.Keys(of), civil.Date.Compare) {
			n := of[night]
			if n.Source.SHA256 != "" {
				out = append(out, Filed{File: n.Source, Entry: n.Entry, Vendor: vendor, Night: night})
			}
		}
	}
	return out
}

// ConsentCopy gives the copy of one of a person's consents, counted from 1, as it
// was stored when she gave it, to whoever may read her files.
func (o *Office) ConsentCopy(ctx context.Context, c Caller, who study.Subject, n int) (io.ReadCloser, error) {
	var f *study.File
	err := o.See(ctx, c, "see-file", who, func(s *study.State) error {
		if all := s.People[who].Consents; n > 0 && n <= len(all) {
			f = all[n-1].Document
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, fault.New("page-unknown", "consent", "there is no copy of such a consent")
	}
	return o.OpenFile(ctx, c, who, *f)
}
