package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// The table of roles holds for a file of commands too. Where there are accounts,
// what wants a proof or two people names one that has the role; where there are
// none, a trial can be run from files alone. Each entry says that it came from
// the shell.
func TestCommandsKeepToRoles(t *testing.T) {
	at := PlaceFlags{Dir: filepath.Join(t.TempDir(), "trial")}
	realTrialIn(t, at)
	file := filepath.Join(t.TempDir(), "do.jsonl")
	give := func(want int, line string) string {
		t.Helper()
		if err := writeWhole(file, []byte(line+"\n")); err != nil {
			t.Fatal(err)
		}
		return verb(t, want, "do", "--dir", at.Dir, file)
	}
	const screen = `{"do":"screen","key":"s","actor":"anna","role":"%","data":{"site":"main","answers":{"age":40,"sex":"female","height":170,"poor_sleep":true}}}`
	for _, role := range []string{"statistician", "custodian", "administrator", "system"} {
		says(t, give(1, strings.Replace(screen, "%", role, 1)), "forbidden", "role")
	}
	const sign = `{"do":"sign","key":"%k","actor":"%a","role":"%r","subject":"P0001","signature":{"name":"Berit Berg","meaning":"review"},"data":{"what":"person"}}`
	signs := func(key, actor, role string) string {
		return strings.NewReplacer("%k", key, "%a", actor, "%r", role).Replace(sign)
	}
	says(t, give(0, strings.Replace(screen, "%", "coordinator", 1)), "1 of 1 command done")
	says(t, give(0, signs("1", "berit", "investigator")), "1 of 1 command done")

	verb(t, 0, "account", "add", "berit", "--name", "Berit Berg", "--role", "monitor", "--dir", at.Dir)
	says(t, give(1, signs("2", "berit", "investigator")), "forbidden", "berit")
	says(t, give(1, signs("3", "nobody", "monitor")), "actor-unknown", "nobody")
	says(t, give(0, signs("4", "berit", "monitor")), "1 of 1 command done")
	says(t, give(1, `{"do":"override-eligibility","key":"o","actor":"anna","role":"coordinator","subject":"P0001","reason":"why","data":{"criteria":["age"]}}`), "actor-unknown")
	says(t, give(1, `{"do":"approve","key":"p","actor":"berit","role":"investigator","signature":{"name":"Berit Berg","meaning":"approval"},"data":{"proposal":3}}`), "forbidden")
	says(t, give(1, `{"do":"lock","key":"l","actor":"anna","role":"investigator","signature":{"name":"Anna","meaning":"responsibility"}}`), "actor-unknown")
	says(t, give(1, `{"do":"confirm-clock","key":"c","actor":"anna","role":"administrator","reason":"why"}`), "actor-unknown")
	says(t, verb(t, 0, "show", at.Dir), "small-trial")
}
