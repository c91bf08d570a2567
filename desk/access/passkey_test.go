package access_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/study"
)

// authenticator is a passkey's device in software, after W3C WebAuthn level 3,
// sections 6.1 (authenticator data) and 6.5 (attestation objects).
type authenticator struct {
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	rp     string
	origin string
	count  uint32
	flags  byte // user present, verified
}

func newAuthenticator() *authenticator {
	id := make([]byte, 16)
	must(rand.Read(id))
	return &authenticator{key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), id: id, rp: "localhost", origin: "http://localhost:8080", flags: 0x05}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) client(kind, challenge string) []byte {
	return must(json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false}))
}

func (a *authenticator) data(flags byte) []byte {
	rp := sha256.Sum256([]byte(a.rp))
	a.count++
	out := append(append([]byte{}, rp[:]...), flags)
	return binary.BigEndian.AppendUint32(out, a.count)
}

// create answers navigator.credentials.create.
func (a *authenticator) create(options json.RawMessage) []byte {
	var o struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		panic(err)
	}
	a.handle = must(base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID))
	point := must(a.key.PublicKey.Bytes()) // 4, x, y
	cose := must(cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]}))
	auth := append(a.data(a.flags|0x40), make([]byte, 16)...)
	auth = binary.BigEndian.AppendUint16(auth, uint16(len(a.id)))
	auth = append(append(auth, a.id...), cose...)
	object := must(cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": auth}))
	return must(json.Marshal(map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": b64(a.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64(object)},
	}))
}

// get answers navigator.credentials.get.
func (a *authenticator) get(options json.RawMessage) []byte {
	var o struct {
		PublicKey struct{ Challenge string } `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		panic(err)
	}
	auth, client := a.data(a.flags), a.client("webauthn.get", o.PublicKey.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, auth...), hash[:]...))
	return must(json.Marshal(map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON": b64(client), "authenticatorData": b64(auth), "userHandle": b64(a.handle),
			"signature": b64(must(ecdsa.SignASN1(rand.Reader, a.key, sum[:]))),
		},
	}))
}

// withPasskey gives somebody a passkey, and signs her in with it.
func (o office) withPasskey(t *testing.T, id string, role study.Role) (*authenticator, access.Started) {
	t.Helper()
	c := o.caller(t, o.staff(t, id, role, ""))
	a := newAuthenticator()
	begun := must(o.BeginPasskey(t.Context(), c))
	if err := o.FinishPasskey(t.Context(), c, begun.ID, "a key", a.create(begun.Options)); err != nil {
		t.Fatal(err)
	}
	return a, must(o.passkeyIn(t, a))
}

func (o office) passkeyIn(t *testing.T, a *authenticator) (access.Started, error) {
	t.Helper()
	begun := must(o.BeginSignIn(t.Context(), access.Visit{Addr: "home"}))
	return o.FinishSignIn(t.Context(), access.Visit{Addr: "home"}, begun.ID, a.get(begun.Options))
}

func TestPasskeySignsIn(t *testing.T) {
	o := newOffice(t, nil)
	a, st := o.withPasskey(t, "ingrid", study.RoleInvestigator)
	if c := o.caller(t, st); c.Account != "ingrid" || c.Strong.IsZero() || c.Method != "passkey" {
		t.Errorf("signed in as %+v", c)
	}
	begun := must(o.BeginSignIn(t.Context(), access.Visit{}))
	answer := a.get(begun.Options)
	must(o.FinishSignIn(t.Context(), access.Visit{}, begun.ID, answer))
	if _, err := o.FinishSignIn(t.Context(), access.Visit{}, begun.ID, answer); fault.CodeOf(err) != access.CodeDenied {
		t.Errorf("an answer is taken twice: %v", err)
	}
	late := must(o.BeginSignIn(t.Context(), access.Visit{}))
	o.clock.pass(6 * time.Minute)
	if _, err := o.FinishSignIn(t.Context(), access.Visit{}, late.ID, a.get(late.Options)); fault.CodeOf(err) != access.CodeDenied {
		t.Errorf("an answer that comes late: %v", err)
	}
}

// Whatever is wrong with an answer, nobody is let in, and all refusals are alike.
func TestPasskeyRefusals(t *testing.T) {
	o := newOffice(t, nil)
	a, _ := o.withPasskey(t, "ingrid", study.RoleInvestigator)
	stranger := newAuthenticator()
	stranger.handle = []byte("ingrid")
	told := fault.Text(deniedText(t, o))
	for what, bad := range map[string]*authenticator{
		"of another site":      {key: a.key, id: a.id, handle: a.handle, rp: "localhost", origin: "https://evil.example", count: 50, flags: 0x05},
		"for another server":   {key: a.key, id: a.id, handle: a.handle, rp: "evil.example", origin: a.origin, count: 60, flags: 0x05},
		"without verification": {key: a.key, id: a.id, handle: a.handle, rp: "localhost", origin: a.origin, count: 70, flags: 0x01},
		"of another key":       {key: stranger.key, id: a.id, handle: a.handle, rp: "localhost", origin: a.origin, count: 80, flags: 0x05},
		"of nobody":            {key: stranger.key, id: stranger.id, handle: []byte("nobody"), rp: "localhost", origin: a.origin, count: 1, flags: 0x05},
		"of a stranger's key":  stranger,
	} {
		begun := must(o.BeginSignIn(t.Context(), access.Visit{Addr: what}))
		_, err := o.FinishSignIn(t.Context(), access.Visit{Addr: what}, begun.ID, bad.get(begun.Options))
		if fault.CodeOf(err) != access.CodeDenied || fault.Text(err) != told {
			t.Errorf("an answer %s: %v", what, err)
		}
	}
	a.count = 100
	must(o.passkeyIn(t, a))
	a.count = 3
	if _, err := o.passkeyIn(t, a); fault.CodeOf(err) != access.CodeDenied {
		t.Errorf("a copied key, whose counter went back: %v", err)
	}
	if err := o.CloseAccount(t.Context(), access.Shell(), "ingrid", "left"); err != nil {
		t.Fatal(err)
	}
	a.count = 200
	if _, err := o.passkeyIn(t, a); fault.CodeOf(err) != access.CodeDenied {
		t.Errorf("a closed account: %v", err)
	}
}

func deniedText(t *testing.T, o office) error {
	_, err := o.Redeem(t.Context(), access.Visit{Addr: "x"}, "ABCD")
	return err
}

// 21 CFR 11.200(a)(1)(i): two components for the first signature of a session,
// and one at least for each that follows, never one that served before.
func TestSignatures(t *testing.T) {
	o := newOffice(t, nil)
	a, st := o.withPasskey(t, "ingrid", study.RoleInvestigator)
	c := func() desk.Caller { return o.caller(t, st) }
	sign := func(typed string) (*study.Signature, error) {
		return o.Signature(t.Context(), c(), typed, study.MeansApproval)
	}
	if _, err := sign(""); fault.CodeOf(err) != desk.CodeStrong {
		t.Errorf("the first with one component: %v", err)
	}
	if _, err := sign("somebody"); fault.CodeOf(err) != desk.CodeStrong {
		t.Errorf("the first with another's ID: %v", err)
	}
	got := must(sign("ingrid"))
	if got.Name != "Name of ingrid" || got.Meaning != study.MeansApproval || got.Method != "account ID and passkey" {
		t.Errorf("signed: %+v", got)
	}
	if _, err := sign("ingrid"); fault.CodeOf(err) != desk.CodeStrong {
		t.Errorf("a proof served twice: %v", err)
	}
	o.clock.pass(time.Second)
	begun := must(o.BeginProof(t.Context(), c()))
	if err := o.FinishProof(t.Context(), c(), begun.ID, a.get(begun.Options)); err != nil {
		t.Fatal(err)
	}
	if got := must(sign("")); got.Method != "passkey" {
		t.Errorf("the second: %+v", got)
	}
	begun = must(o.BeginProof(t.Context(), c()))
	other, _ := o.withPasskey(t, "eve", study.RoleInvestigator)
	if err := o.FinishProof(t.Context(), c(), begun.ID, other.get(begun.Options)); err == nil {
		t.Error("somebody else's passkey proves that it is her")
	}
	o.clock.pass(time.Second)
	begun = must(o.BeginProof(t.Context(), c()))
	if err := o.FinishProof(t.Context(), c(), begun.ID, a.get(begun.Options)); err != nil {
		t.Fatal(err)
	}
	o.clock.pass(desk.StrongFor + time.Second)
	if _, err := sign("ingrid"); fault.CodeOf(err) != desk.CodeStrong {
		t.Errorf("with a stale proof: %v", err)
	}
	plain := o.byLink(t, "ingrid")
	if _, err := o.Signature(t.Context(), o.caller(t, plain), "ingrid", study.MeansApproval); fault.CodeOf(err) != desk.CodeStrong {
		t.Errorf("signed in by mail alone: %v", err)
	}
	if err := o.FinishPasskey(t.Context(), c(), "x", "", nil); err == nil {
		t.Error("a passkey is added out of nothing")
	}
	if _, err := o.BeginPasskey(t.Context(), o.caller(t, plain)); fault.CodeOf(err) != desk.CodeStrong {
		t.Errorf("another passkey is added without a proof: %v", err)
	}
}
