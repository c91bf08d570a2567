package protocol_test

import (
	"os"
	"strings"
	"testing"

	"dvala/instrument"
	"dvala/protocol"
)

// A rule of the protocol asks when it is true, and is silent where an item that
// it uses has no value.
func TestDoubts(t *testing.T) {
	src, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(src), "custodian:\n", `queries:
  - {id: noon, instrument: csd, rule: "into_bed > 720.0 && into_bed < 1020.0", show: {en: "To bed at noon?", sv: "I säng mitt på dagen?"}}
  - {id: slow, instrument: csd, rule: "sol > 180 && waso == 0.0", show: {en: "Three hours, then never awake?", sv: "Tre timmar, sedan aldrig vaken?"}}
custodian:
`, 1)
	c, problems := protocol.Parse([]byte(text))
	if err := problems.Err(); err != nil {
		t.Fatal(problems.Text())
	}
	for _, x := range []struct {
		answers instrument.Answers
		want    string
	}{
		{instrument.Answers{"into-bed": instrument.At(13 * 60)}, "noon"},
		{instrument.Answers{"into-bed": instrument.At(23 * 60)}, ""},
		{instrument.Answers{"sol": instrument.Number(200), "waso": instrument.Number(0)}, "slow"},
		{instrument.Answers{"sol": instrument.Number(200)}, ""},
		{instrument.Answers{"sol": instrument.Number(200), "waso": instrument.NotSure()}, ""},
	} {
		got := ""
		for _, p := range c.Doubts("csd", x.answers, "sv") {
			got += string(p.Code)
			if !strings.HasSuffix(p.Message, "?") || p.Place == "" {
				t.Errorf("%+v", p)
			}
		}
		if got != x.want {
			t.Errorf("%v: %q, want %q", x.answers, got, x.want)
		}
	}
	if len(c.Doubts("isi", instrument.Answers{}, "en")) != 0 {
		t.Error("a rule of another instrument")
	}
}
