package seal_test

import (
	"bytes"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	"dvala/fault"
	"dvala/seal"
)

// What age writes passes, in its binary form and whole; what cannot be opened by
// anybody does not.
func TestCheckHandover(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var file, letters bytes.Buffer
	w, err := age.Encrypt(&file, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(`{"format":"dvala-slot-key 1"}`))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := seal.CheckHandover(file.Bytes()); err != nil {
		t.Error(err)
	}
	var two bytes.Buffer
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if w, err = age.Encrypt(&two, id.Recipient(), other.Recipient()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	a := armor.NewWriter(&letters)
	_, _ = a.Write(file.Bytes())
	_ = a.Close()
	for what, raw := range map[string][]byte{
		"nothing": nil, "words": []byte("she takes the tea"), "letters": letters.Bytes(), "to two": two.Bytes(),
		"half a header": file.Bytes()[:60], "too long": append(file.Bytes(), make([]byte, 20<<10)...),
	} {
		if err := seal.CheckHandover(raw); fault.CodeOf(err) != seal.CodeHandover {
			t.Errorf("%s: %v", what, err)
		}
	}
}
