package desk

import (
	"bytes"
	"strings"
	"testing"

	"filippo.io/age"

	"dvala/fault"
	"dvala/study"
)

// What the part of an emergency may be: a file to one physician, and no other
// file, however like it.
func TestPartForm(t *testing.T) {
	to := func(n int, text string) string {
		t.Helper()
		var recipients []age.Recipient
		for range n {
			k, err := age.GenerateX25519Identity()
			if err != nil {
				t.Fatal(err)
			}
			recipients = append(recipients, k.Recipient())
		}
		var b bytes.Buffer
		w, err := age.Encrypt(&b, recipients...)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	good := to(1, "a slot's key")
	for name, c := range map[string]struct {
		content string
		want    string
	}{
		"a part": {good, ""}, "a picture": {"\xff\xd8\xff\xe0JFIF", "part-form"}, "empty": {"", "part-form"}, "its head alone": {good[:40], "part-form"},
		"to two": {to(2, "x"), "part-form"}, "after other words": {"x" + good, "part-form"}, "too long": {to(1, strings.Repeat("x", longestPart)), "part-form"},
	} {
		o := NewOffice(onlyBlob{content: []byte(c.content)}, nil)
		err := o.isPart(study.GrantUnblinding{Key: study.File{SHA256: "x"}})
		if (err != nil) != (c.want != "") || err != nil && string(fault.CodeOf(err)) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := NewOffice(onlyBlob{}, nil).isPart(study.Lock{}); err != nil {
		t.Error(err)
	}
}

// onlyBlob is a store of one file.
type onlyBlob struct {
	Store
	content []byte
}

func (b onlyBlob) Blob(string) ([]byte, error) { return b.content, nil }
