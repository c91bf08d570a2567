package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/desk"
)

// A receipt is checked by itself; one that was changed is found out, and so is
// one under another key than was told.
func TestReceipt(t *testing.T) {
	d, _ := stage(t, nil)
	office := desk.NewOffice(d.trial, func() time.Time { return d.end })
	who := d.trial.Order()[0]
	proof, err := office.Prove(t.Context(), desk.Participant(who), d.trial.State().Entries-1)
	for entry := d.trial.State().Entries; err != nil && entry > 0; entry-- {
		proof, err = office.Prove(t.Context(), desk.Participant(who), entry-1) // the latest of hers
	}
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(proof)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "receipt.json")
	check := func(raw []byte, key string) (string, error) {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := (&VerifyCmd{Receipt: path, PublicKey: key, Format: "text"}).Run(&Program{Stdout: &out, Stderr: &out})
		return out.String(), err
	}
	if said, err := check(raw, d.trial.PublicKey().String()); err != nil || !strings.Contains(said, " of "+string(who)) || strings.Contains(said, "own word") {
		t.Errorf("%s: %v", said, err)
	}
	if said, err := check(raw, ""); err != nil || !strings.Contains(said, "own word") {
		t.Errorf("without a key: %s: %v", said, err)
	}
	if _, err := check(bytes.Replace(raw, []byte(proof.Inclusion[0]), []byte(proof.Hash), 1), ""); err == nil {
		t.Error("a changed receipt passes")
	}
	if _, err := check(raw, "real+0fd2cd9a+ARyov+S6K2q9uZaSp0XUFua2XUHocEACFoxk0P935Ptr"); err == nil {
		t.Error("another key passes")
	}
}
