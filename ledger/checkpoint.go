package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"dvala/fault"
)

// Checkpoint says how far a ledger had grown: the promise that its first Size
// entries are those under Root.
type Checkpoint struct {
	Origin string // the trial's name; also the name of the key that signs
	Size   uint64 // number of entries
	Root   Hash   // root of the tree over them
}

// Text gives the three lines that are signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// parseCheckpointText reads the three lines that were signed.
func parseCheckpointText(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] == "" {
		return Checkpoint{}, fault.New(CodeFormat, "checkpoint", "is not the three lines origin, size and root")
	}
	size, err := strconv.ParseUint(lines[1], 10, 62)
	if err != nil || strconv.FormatUint(size, 10) != lines[1] {
		return Checkpoint{}, fault.New(CodeFormat, "checkpoint", "%q is not a number of entries", lines[1])
	}
	root, err := ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fault.New(CodeFormat, "checkpoint", "%q is not a root", lines[2])
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

// Key signs checkpoints of one ledger. It is born of GenerateKey or ParseKey.
type Key struct {
	secret string
	public PublicKey
	signer note.Signer
}

// GenerateKey makes the key of a ledger. The origin may hold neither white space
// nor a plus sign; rand must be a secure source except in tests.
func GenerateKey(rand io.Reader, origin string) (*Key, error) {
	secret, public, err := note.GenerateKey(rand, origin)
	if err != nil {
		return nil, fault.Wrap(CodeKey, origin, err)
	}
	pk, err := ParsePublicKey(public)
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, fault.New(CodeKey, "origin", "%q cannot name a ledger", origin).
			WithHint("use letters, digits and hyphens, without spaces or plus signs")
	}
	return &Key{secret: secret, public: pk, signer: signer}, nil
}

// ParseKey reads what Key.Secret wrote beside the public key that belongs to it.
func ParseKey(secret, public string) (*Key, error) {
	signer, err := note.NewSigner(strings.TrimSpace(secret))
	if err != nil {
		// The lower error may quote the text, and the text is secret.
		return nil, fault.New(CodeKey, "signing key", "is not a ledger's signing key")
	}
	pk, err := ParsePublicKey(strings.TrimSpace(public))
	if err != nil {
		return nil, err
	}
	if signer.Name() != pk.verifier.Name() || signer.KeyHash() != pk.verifier.KeyHash() {
		return nil, fault.New(CodeKey, "signing key", "does not belong to the public key %s", pk)
	}
	return &Key{secret: strings.TrimSpace(secret), public: pk, signer: signer}, nil
}

// Secret gives the text to keep in a file that only the server can read.
func (k *Key) Secret() string { return k.secret }

// Public gives the public half.
func (k *Key) Public() PublicKey { return k.public }

// String gives the public half, so that a key in a log gives nothing away.
func (k *Key) String() string { return k.public.String() }

// Format writes the public half whatever the verb, for the same reason.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.public.String()) }

// Sign gives the signed note of a checkpoint.
func (k *Key) Sign(c Checkpoint) ([]byte, error) {
	if c.Origin != k.signer.Name() {
		return nil, fault.New(CodeKey, "checkpoint", "is of %q; this key signs for %q", c.Origin, k.signer.Name())
	}
	return note.Sign(&note.Note{Text: c.Text()}, k.signer)
}

// PublicKey checks signatures of one ledger. It is born of ParsePublicKey.
type PublicKey struct {
	text     string
	verifier note.Verifier
}

// ParsePublicKey reads name+hash+key as PublicKey.String writes it.
func ParsePublicKey(text string) (PublicKey, error) {
	v, err := note.NewVerifier(text)
	if err != nil || !strings.HasPrefix(text, fmt.Sprintf("%s+%08x+", v.Name(), v.KeyHash())) {
		return PublicKey{}, fault.New(CodeKey, "public key", "%.100q is not a ledger's public key", text)
	}
	return PublicKey{text: text, verifier: v}, nil
}

// String gives the text form.
func (p PublicKey) String() string { return p.text }

// Origin gives the name of the ledger that the key signs for.
func (p PublicKey) Origin() string {
	if p.verifier == nil {
		return ""
	}
	return p.verifier.Name()
}

// OpenCheckpoint checks the signature of a signed checkpoint and reads it.
// Signatures of further parties (witnesses) may stand below that of the ledger
// and are not checked.
func OpenCheckpoint(signed []byte, key PublicKey) (Checkpoint, error) {
	if key.verifier == nil {
		return Checkpoint{}, fault.New(CodeKey, "checkpoint", "there is no public key to check it with")
	}
	n, err := note.Open(signed, note.VerifierList(key.verifier))
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unverified):
		return Checkpoint{}, fault.New(CodeSignature, "checkpoint", "is not signed by %s", key)
	case errors.As(err, &invalid):
		return Checkpoint{}, fault.New(CodeSignature, "checkpoint", "has a signature that does not fit what it says")
	case err != nil:
		return Checkpoint{}, fault.New(CodeFormat, "checkpoint", "is not a signed note")
	}
	c, err := parseCheckpointText(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != key.Origin() {
		return Checkpoint{}, fault.New(CodeSignature, "checkpoint", "is of %q and signed by %q", c.Origin, key.Origin())
	}
	// Base64 has spare bits that a reader may pass over. Only one spelling is
	// ours, so that no byte of a note can change unseen.
	for _, sig := range append(n.Sigs, n.UnverifiedSigs...) {
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return Checkpoint{}, fault.New(CodeFormat, "checkpoint", "has a signature line that is not canonical base64")
		}
	}
	return c, nil
}
