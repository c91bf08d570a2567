package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"dvala/fault"
	"dvala/study"
)

// Change is who gives a person's record another content, and why.
type Change struct {
	By     string     `json:"by,omitempty"` // account
	Role   study.Role `json:"role,omitempty"`
	Reason string     `json:"reason,omitempty"`
}

// Former is what was known of somebody until it was changed. It lies under her
// key, and is gone with it.
type Former struct {
	Person Person    `json:"person"`
	Known  bool      `json:"known"` // false: nothing was known before
	At     time.Time `json:"at"`    // of the change
	Change
}

// Version names what is known of somebody as it stands: another one after every
// change, and empty where nothing is known. It tells nothing of what is known.
type Version string

func versionOf(sealed string) Version {
	if sealed == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(sealed)) // sealed with a random nonce each time
	return Version(hex.EncodeToString(sum[:12]))
}

// CodeChanged is of a change to a record that somebody else has changed since it
// was read.
const CodeChanged fault.Code = "identity-since"

// Read gives who somebody is, as Get does, and the version of it.
func (v *Vault) Read(ctx context.Context, who study.Subject) (Person, Version, bool, error) {
	sealed, ok, err := v.store.SealedRecord(ctx, who)
	if err != nil || !ok {
		return Person{}, "", false, err
	}
	p, ok, err := v.opened(ctx, who, sealed)
	return p, versionOf(sealed), ok, err
}

// Replace keeps who somebody is in place of the version that was read, which is
// kept beside it, and gives the new one. If it is another by now, nothing is
// changed.
func (v *Vault) Replace(ctx context.Context, who study.Subject, p Person, was Version, c Change) (Version, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	old, _, err := v.store.SealedRecord(ctx, who)
	if err != nil {
		return "", err
	}
	if versionOf(old) != was {
		return "", changedSince()
	}
	k, err := v.keyOf(ctx, who, true)
	if err != nil {
		return "", err
	}
	before := Former{At: v.now().UTC(), Change: c}
	if before.Person, before.Known, err = v.opened(ctx, who, old); err != nil {
		return "", err
	}
	former, err := json.Marshal(before)
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	sealed := k.seal(who, labelRecord, rand256(v.rand), string(raw))
	done, err := v.store.ReplaceSealedRecord(ctx, who, old, sealed, k.seal(who, labelFormer, rand256(v.rand), string(former)), v.now())
	if err == nil && !done {
		err = changedSince()
	}
	return versionOf(sealed), err
}

func changedSince() error {
	return fault.New(CodeChanged, "version", "somebody else has changed this since it was read").WithHint("read it again, and change what is there now")
}

// Formers gives what was known of somebody before each change, the oldest first;
// nothing once it was erased.
func (v *Vault) Formers(ctx context.Context, who study.Subject) ([]Former, error) {
	all, err := v.store.FormerRecords(ctx, who)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	k, err := v.keyOf(ctx, who, false)
	if err != nil || k.secret == "" {
		return nil, ignoreErased(err)
	}
	out := make([]Former, len(all))
	for i, sealed := range all {
		raw, err := k.open(who, labelFormer, sealed)
		if err == nil {
			err = json.Unmarshal([]byte(raw), &out[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Differs names what of a person's record is not as in another, without saying
// what stands there.
func (p Person) Differs(q Person) []string {
	var out []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"name", p.Name == q.Name},
		{"signature", p.Signature == q.Signature},
		{"mail", p.Mail == q.Mail},
		{"phone", p.Phone == q.Phone},
		{"address", p.Address == q.Address},
		{"born", p.Born == q.Born},
		{"channels", slices.Equal(p.Channels, q.Channels)},
		{"push", len(p.Push) == len(q.Push)},
		{"note", p.Note == q.Note},
	} {
		if !f.same {
			out = append(out, f.name)
		}
	}
	return out
}
