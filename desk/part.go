package desk

import (
	"bytes"
	"regexp"

	"dvala/fault"
	"dvala/study"
)

// longestPart bounds what the custodian or a holder sends in an emergency: it is
// some hundred bytes.
const longestPart = 64 << 10

// partForm is an age file to one X25519 recipient, in its binary form, up to the
// MAC of its header (age-encryption.org/v1).
var partForm = regexp.MustCompile(`\Aage-encryption\.org/v1\n-> X25519 [A-Za-z0-9+/]{43}\n[A-Za-z0-9+/]{43}\n(?:-> [^\n]*-grease [^\n]*\n(?:[A-Za-z0-9+/]*\n)*)?--- [A-Za-z0-9+/]{43}\n`)

// isPart refuses a part of an emergency that cannot be one: it marks a person as
// unblinded, and must not be any file that was at hand. What is in it, and to
// whom, the physician alone can see.
func (o *Office) isPart(cmd study.Command) error {
	c, is := cmd.(study.GrantUnblinding)
	if !is {
		return nil
	}
	raw, err := o.store.Blob(c.Key.SHA256)
	switch {
	case fault.CodeOf(err) == "blob-missing" || fault.CodeOf(err) == "file-ref":
		return fault.New("blob-missing", "key_file", "there is no such file here")
	case err != nil:
		return err
	case len(raw) > longestPart || !partForm.Match(raw) || bytes.Count(raw, []byte("\n-> X25519 ")) != 1:
		return fault.New("part-form", "key_file", "is not what dvala open --emergency wrote").
			WithHint("it writes a small file encrypted to one physician, which begins with age-encryption.org/v1; send that file as it is")
	}
	return nil
}
