package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dvala/fault"
	"dvala/identity"
	"dvala/jobs"
)

// settings are what all processes of a trial must have been given alike, each as
// a short hash, by the flag that gives it: enough to see that two differ.
func (d *servedDesk) settings() (map[string]string, error) {
	out := map[string]string{"release": Release()}
	add := func(flag string, parts ...string) {
		if strings.Join(parts, "") != "" {
			out[flag] = short(strings.Join(parts, "\n"))
		}
	}
	add("--origin", d.stated)
	add("--mail-from", d.mail.MailFrom)
	add("--mail-host", d.mail.MailHost)
	add("--mail-checkpoint", d.mail.MailCheckpoint)
	if d.mail.MailFrom != "" {
		keys, err := readPushKeys(d.trial.Dir(), d.mail.PushKey)
		if err != nil {
			return nil, err
		}
		add("--push-key", keys.Public)
	}
	add("--oura-client", d.oura.Client, d.oura.Secret)
	add("--oura-hook", d.oura.Hook)
	if d.wording != "" {
		sum, err := hashOfFolder(d.wording)
		if err != nil {
			return nil, err
		}
		out["--wording"] = sum
	}
	if key := strings.TrimSpace(os.Getenv("DVALA_IDENTITY_KEY")); key != "" {
		master, err := identity.ParseMaster(key)
		if err != nil {
			return nil, err
		}
		add(identityKey, master.Secret()) // 256 random bits: a hash of them tells nothing
	}
	return out, nil
}

// identityKey is the one setting in which two processes must not differ at all:
// each would wrap keys of persons that the other cannot open.
const identityKey = "DVALA_IDENTITY_KEY"

func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// hashOfFolder is over the names and contents of its files.
func hashOfFolder(dir string) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(raw)
		h.Write([]byte(filepath.ToSlash(rel) + "\n"))
		h.Write(sum[:])
		return nil
	})
	if err != nil {
		return "", fault.Wrap("file-unreadable", dir, err)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// differing gives the settings in which another process differs. What is about
// pages alone a worker does not have, and what only one of two has the other
// leaves to it.
func differing(mine, theirs map[string]string) (differ, missing []string) {
	all := maps.Clone(theirs)
	maps.Copy(all, mine)
	for _, flag := range slices.Sorted(maps.Keys(all)) {
		a, here := mine[flag]
		b, there := theirs[flag]
		switch {
		case here && there && a != b:
			differ = append(differ, flag)
		case here != there && flag != "--wording" && flag != "--origin":
			missing = append(missing, flag)
		}
	}
	return differ, missing
}

// compare says in which settings the processes that live differ from this one,
// and refuses to go on beside one that has another key for identities.
func (d *servedDesk) compare(ctx context.Context, q *jobs.Queue, mine map[string]string) error {
	all, err := q.Living(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		differ, missing := differing(mine, all[name])
		if slices.Contains(differ, identityKey) {
			return fault.New("settings-differ", identityKey, "process %s of this trial has another key for identities", name).
				WithHint("all processes of a trial are given the same; two would each hide people from the other")
		}
		if len(differ) > 0 {
			d.log.Warn("another process of this trial was started with other settings", "process", name, "differ", strings.Join(differ, ", "))
		}
		if len(missing) > 0 {
			d.log.Warn("one process of this trial has settings that another has not, and alone does what takes them", "process", name, "settings", strings.Join(missing, ", "))
		}
	}
	return nil
}
