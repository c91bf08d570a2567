package seal_test

import (
	"bytes"
	"testing"

	"dvala/fault"
	"dvala/seal"
	"dvala/seal/open"
)

func FuzzParse(f *testing.F) {
	l, _ := sealed(f, 3, "active", "placebo")
	f.Add(l.Bytes())
	f.Add(l.Bytes()[:200])
	f.Add([]byte("dvala-sealed-list 1\n"))
	two, _, _ := shared(f, 2, 2, 2)
	f.Add(two.Bytes())
	f.Add(extension(f, l, "placebo").Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := seal.Parse(bytes.NewReader(raw))
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		if !bytes.Equal(got.Bytes(), raw) {
			t.Fatal("accepted what is not written so")
		}
	})
}

func FuzzParseOpenings(f *testing.F) {
	l, id := sealed(f, 3, "active", "placebo")
	o := openAll(f, l, id)
	f.Add(o.Bytes())
	f.Add(o.Bytes()[:100])
	f.Add([]byte("dvala-openings 1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := seal.ParseOpenings(bytes.NewReader(raw), l)
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		if !bytes.Equal(got.Bytes(), o.Bytes()) {
			t.Fatal("accepted other openings than the custodian's")
		}
	})
}

// Whatever stands in an envelope or a wrapped key, opening it gives an error or
// what was committed to.
func FuzzOpenSlot(f *testing.F) {
	l, id := sealed(f, 2, "active", "placebo")
	s, _ := l.Slot(0)
	f.Add(s.Envelope, s.Key)
	f.Add([]byte{}, []byte("age-encryption.org/v1\n"))
	f.Fuzz(func(t *testing.T, envelope, key []byte) {
		bent := s
		bent.Envelope, bent.Key = envelope, key
		k, err := open.Unwrap(bent, id)
		if err != nil {
			return
		}
		if o, err := open.Slot(bent, k); err == nil && o.Secret.Reveal() != "active" {
			t.Fatal("opened to something else")
		}
	})
}
