package study

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"dvala/fault"
)

// A key is of one command by one account. So that the same key with something
// else is refused, and not answered as if it had been done, the first entry of a
// command has a digest of it: SHA-256, cut to 128 bits, over who gave it, which
// command it is, about whom, and its data as canonical JSON.
//
// A digest tells whoever holds the ledger nothing that does not stand beside it: the
// data are there in the clear, so that guessing them from the digest gains nothing.
// What is not is left out of it. Words are sealed under the person's key, and
// short words could be guessed from a digest of their plain text, with the key
// destroyed or not; no salt that lies beside it would prevent that. They have a
// digest of their own, over their sealed form, which is the same for the same key and
// says no more than the sealed form itself. Reasons, private too, have none.

// digestChars is the length of a digest, in hexadecimal digits.
const digestChars = 32

// digestOf gives the digest of a command, and after a full stop that of its words
// where they are sealed. It is empty where the command cannot be written down.
func (s *State) digestOf(cmd Command, m Meta) string {
	var sealed strings.Builder
	plainWords := false
	bare, err := s.MapWords(withoutFiles(cmd), func(w Words) (Words, error) {
		plainWords = plainWords || !w.Sealed()
		sealed.WriteString(string(w) + "\n")
		return "", nil
	})
	if err != nil {
		return ""
	}
	data, err := plain(bare)
	if err != nil {
		return ""
	}
	out := cut(NameOf(cmd) + "\x00" + m.Actor + "\x00" + string(m.Subject) + "\x00" + string(data))
	if sealed.Len() > 0 && !plainWords {
		out += "." + cut(sealed.String())
	}
	return out
}

func cut(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:digestChars/2])
}

// withoutFiles gives a command without what may differ when it is given again: a
// person's files, which are known by what they are sealed to; how a form was
// filled in; and the order in which answers are written.
func withoutFiles(cmd Command) Command {
	switch c := cmd.(type) {
	case Answer:
		c.Paradata = nil
		c.Answers = inOrder(c.Answers, nil)
		return c
	case Consent:
		c.Drawn, c.Document = nil, nil
		return c
	case RecordNight:
		c.Source = File{}
		c.Record = inOrder(c.Record, func(of map[string]json.RawMessage) {
			of["source"] = inOrder(of["source"], func(of map[string]json.RawMessage) { delete(of, "sha256") })
		})
		return c
	}
	return cmd
}

// inOrder gives an object with its members in order, after change; what is none is
// given back.
func inOrder(raw json.RawMessage, change func(map[string]json.RawMessage)) json.RawMessage {
	var of map[string]json.RawMessage
	if json.Unmarshal(raw, &of) != nil || of == nil {
		return raw
	}
	if change != nil {
		change(of)
	}
	out, err := plain(of)
	if err != nil {
		return raw
	}
	return out
}

// sameCommand refuses a key that has been used for something else, or by somebody
// else. What was written before there were digests is told by its kind and person.
func (s *State) sameCommand(ran span, cmd Command, m Meta) error {
	same := ran.kind == s.leadsTo(cmd) && (aboutWhom(cmd) == theTrial || ran.subject == m.Subject)
	if now := s.digestOf(cmd, m); same && ran.digest != "" && now != "" {
		was, words, hadWords := strings.Cut(ran.digest, ".")
		is, said, hasWords := strings.Cut(now, ".")
		same = was == is && (!hadWords || !hasWords || words == said)
	}
	if !same {
		return fault.New("key-reused", "key", "the key %q has been used for another command, or by somebody else", m.Key).
			WithHint("make a new key for every command, and use it again only to repeat that one")
	}
	return nil
}

func checkDigest(l *fault.List, digest string) {
	first, second, both := strings.Cut(digest, ".")
	ok := func(s string) bool {
		return len(s) == digestChars && strings.Trim(s, "0123456789abcdef") == ""
	}
	if digest != "" && (!ok(first) || both && !ok(second)) {
		l.Addf("digest-form", "digest", "is not a digest of a command")
	}
}
