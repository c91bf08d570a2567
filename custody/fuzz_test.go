package custody

import (
	"testing"

	"dvala/fault"
)

// What a packing list holds once it is decrypted.
func FuzzParsePacking(f *testing.F) {
	f.Add([]byte("kit,cell,contents\n4821-7305,all,a\n"))
	f.Add([]byte("kit,cell,contents\n0000-5724,\"site=a,sex=f\",b\n"))
	f.Add([]byte("kit\n\"\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := parsePacking(raw); err != nil && fault.CodeOf(err) == "" {
			t.Fatalf("no code: %v", err)
		}
	})
}

// What a slot's key travels in once it is decrypted.
func FuzzParseHandover(f *testing.F) {
	f.Add([]byte(`{"format":"dvala-slot-key 1","trial":"x","sealed_list":"00","slot":3,"key":"00"}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := parseHandover(raw); err != nil && fault.CodeOf(err) == "" {
			t.Fatalf("no code: %v", err)
		}
	})
}
