package protocol_test

import (
	"os"
	"strings"
	"testing"

	"dvala/protocol"
)

func diffOf(t *testing.T, pairs ...string) []protocol.Change {
	t.Helper()
	src, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("no %q in the protocol", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	before, problems := protocol.Parse(src)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	after, problems := protocol.Parse([]byte(text))
	if err := problems.Err(); err != nil {
		t.Fatalf("%v: %v", pairs, err)
	}
	forth, back := protocol.Diff(before, after), protocol.Diff(after, before)
	if len(forth) != len(back) {
		t.Errorf("%v: %d changes forth and %d back", pairs, len(forth), len(back))
	}
	for i := range forth {
		if j := back[i]; forth[i].Place != j.Place || forth[i].Old != j.New || forth[i].New != j.Old || forth[i].Class != j.Class {
			t.Errorf("%+v forth, %+v back", forth[i], j)
		}
	}
	return forth
}

// The same in other words is no change; every change has its place and class.
func TestDiff(t *testing.T) {
	if same := diffOf(t, "version: \"1\", text: {en: You may stop., sv: Du får sluta.}", "text: {sv: Du får sluta., en: You may stop.}, version: '1'"); len(same) != 0 {
		t.Error(same)
	}
	for _, c := range []struct {
		from, to, place string
		class           protocol.Class
	}{
		{"{en: You may stop., sv", "{en: You may stop at any time., sv", "consent.text", protocol.ClassConsent},
		{"blocks: [6, 9]", "blocks: [6, 12]", "randomisation.blocks", protocol.ClassRandomisation},
	} {
		got := diffOf(t, c.from, c.to)
		if len(got) != 1 || got[0].Place != c.place || got[0].Class != c.class {
			t.Errorf("%s: %+v", c.to, got)
		}
	}
}

// Of a new visit the whole is new, and those around it have not changed.
func TestDiffMatchesByName(t *testing.T) {
	src, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	i := strings.Index(string(src), "visits:\n")
	line := strings.SplitN(string(src)[i+len("visits:\n"):], "\n", 2)[0]
	t.Log(line)
	got := diffOf(t, "visits:\n", "visits:\n  - {id: phone, label: {en: Call, sv: Samtal}, day: 200}\n")
	if len(got) != 1 || got[0].Place != "visits[phone]" || got[0].Class != protocol.ClassSchedule || got[0].Old != "" {
		t.Errorf("%+v", got)
	}
}
