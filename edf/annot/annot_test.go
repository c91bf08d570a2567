package annot

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/unicode"

	"dvala/fault"
	"dvala/sleep"
)

const nsrrFile = `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<PSGAnnotation><SoftwareVersion>Compumedics</SoftwareVersion><EpochLength>30</EpochLength>
<ScoredEvents>
<ScoredEvent><EventType/><EventConcept>Recording Start Time</EventConcept><Start>0</Start><Duration>150.0</Duration><ClockTime>00.00.00 22.30.00</ClockTime></ScoredEvent>
<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>Wake|0</EventConcept><Start>0</Start><Duration>60.0</Duration></ScoredEvent>
<ScoredEvent><EventType>Arousals|Arousals</EventType><EventConcept>Arousal|Arousal ()</EventConcept><Start>31.5</Start><Duration>4.2</Duration></ScoredEvent>
<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>Stage 2 sleep|2</EventConcept><Start>60</Start><Duration>30.0</Duration></ScoredEvent>
<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>Stage 4 sleep|4</EventConcept><Start>90</Start><Duration>30.0</Duration></ScoredEvent>
<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>REM sleep|5</EventConcept><Start>120</Start><Duration>30.0</Duration></ScoredEvent>
</ScoredEvents></PSGAnnotation>`

const profusionFile = `<?xml version="1.0"?><CMPStudyConfig><EpochLength>20</EpochLength>
<ScoredEvents><ScoredEvent><Name>Hypopnea</Name><Start>12.3</Start><Duration>15</Duration><Input>THOR RES</Input></ScoredEvent></ScoredEvents>
<SleepStages><SleepStage>0</SleepStage><SleepStage>1</SleepStage><SleepStage>3</SleepStage><SleepStage>4</SleepStage><SleepStage>5</SleepStage><SleepStage>9</SleepStage></SleepStages></CMPStudyConfig>`

const noxturnalFile = "\ufeffHeure de début,Heure de fin,Événement,Durée,\n[],[],[],[s],\n" +
	"15/01/2016 23:59:00,15/01/2016 23:59:30,Éveil,30,\n15/01/2016 23:59:10,15/01/2016 23:59:14,Micro-éveil,4.104,\n" +
	"15/01/2016 23:59:30,16/01/2016 00:00:00,N1,30,\n16/01/2016 00:00:00,16/01/2016 00:01:00,REM,60,\n"

func read(t *testing.T, in string, o Options) (Scoring, sleep.Hypnogram, fault.List) {
	t.Helper()
	s, l, err := Read(strings.NewReader(in), o)
	if err != nil {
		t.Fatal(err)
	}
	h, _, err := s.Hypnogram(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return s, h, l
}

func TestDialects(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		o              Options
		events         int
		epoch          time.Duration
		clock          time.Duration
	}{
		{"nsrr", nsrrFile, "2W 1N2 1N3 1R", Options{}, 1, 30 * time.Second, 22*time.Hour + 30*time.Minute},
		{"profusion", profusionFile, "1W 1N1 2N3 1R 1?", Options{}, 1, 20 * time.Second, -1},
		{"noxturnal", noxturnalFile, "1W 1N1 2R", Options{}, 1, 30 * time.Second, 24*time.Hour - time.Minute},
		{"list", "# a remark\nW\nN1\r\nN2\n\nREM\n?\n", "1W 1N1 1N2 1R 1?", Options{}, 0, 30 * time.Second, -1},
		{"list", "0\n1\n4\n", "1W 1N1 1R", Options{Numbers: AASM(), Epoch: 20 * time.Second}, 0, 20 * time.Second, -1},
		{"list", "0\n1\n4\n5\n9", "1W 1N1 1N3 1R 1?", Options{Numbers: RK()}, 0, 30 * time.Second, -1},
	} {
		s, h, l := read(t, c.in, c.o)
		if s.Dialect != c.name || h.String() != c.want || len(s.Events) != c.events || h.Epoch() != c.epoch || s.Header.StartTime != c.clock || len(l) > 0 {
			t.Errorf("%s: %v, %d events, epoch %v, clock %v, %v", c.name, h, len(s.Events), h.Epoch(), s.Header.StartTime, l)
		}
	}
	_, h, _ := read(t, noxturnalFile, Options{})
	if start, ok := h.Start(); !ok || start.Format(time.DateTime) != "2016-01-15 23:59:00" {
		t.Error(start)
	}
}

// The same file in UTF-16, as programs for Windows write it, and in Latin-1
// with a declaration.
func TestCharacterSets(t *testing.T) {
	for _, end := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
		in, err := unicode.UTF16(end, unicode.UseBOM).NewEncoder().String(strings.TrimPrefix(noxturnalFile, "\ufeff"))
		if err != nil {
			t.Fatal(err)
		}
		if _, h, _ := read(t, in, Options{}); h.String() != "1W 1N1 2R" {
			t.Error(h)
		}
		in, _ = unicode.UTF16(end, unicode.UseBOM).NewEncoder().String(strings.Replace(profusionFile, `"1.0"`, `"1.0" encoding="utf-16"`, 1))
		if _, h, _ := read(t, in, Options{}); h.Len() != 6 {
			t.Error(h)
		}
	}
	latin := strings.Replace(strings.Replace(nsrrFile, "UTF-8", "ISO-8859-1", 1), "Arousal ()", "\xc9veil", 1)
	if s, _, _ := read(t, latin, Options{}); s.Events[0].Text != "Arousal|Éveil" {
		t.Error(s.Events)
	}
}

// A day that could be a month is said, and does not change the stages.
func TestDaysThatCouldBeMonths(t *testing.T) {
	early := strings.NewReplacer("15/01", "05/01", "16/01", "06/01").Replace(noxturnalFile)
	_, h, l := read(t, early, Options{}) // the night would be a month long
	if len(l) > 0 || h.String() != "1W 1N1 2R" {
		t.Error(l, h)
	}
	_, h, l = read(t, early[:strings.Index(early, "05/01/2016 23:59:30,06")], Options{})
	if !l.Has("annot-date") || h.String() != "1W" {
		t.Error(l, h)
	}
	_, h, l = read(t, strings.NewReplacer("15/01", "01/31", "16/01", "02/01").Replace(noxturnalFile), Options{})
	if start, _ := h.Start(); len(l) > 0 || start.Month() != time.January || start.Day() != 31 {
		t.Error(l, start)
	}
}

func TestBadFiles(t *testing.T) {
	for _, c := range []struct {
		name, in string
		code     fault.Code
	}{
		{"empty", "", "annot-kind"},
		{"another XML", "<html></html>", "annot-kind"},
		{"words", "hello\nworld\n", "annot-kind"},
		{"numbers", "0\n1\n2\n", "annot-numbers"},
		{"a word among stages", "W\nN1\nasleep?\n", "annot-stage"},
		{"cut off", nsrrFile[:len(nsrrFile)-40], "annot-xml"},
		{"an entity", `<!DOCTYPE x [<!ENTITY a "aaaa">]><PSGAnnotation>&a;</PSGAnnotation>`, "annot-xml"},
		{"deep", "<PSGAnnotation>" + strings.Repeat("<a>", 40), "annot-depth"},
		{"no stages", "<PSGAnnotation></PSGAnnotation>", "annot-no-stages"},
		{"epoch", strings.Replace(nsrrFile, "<EpochLength>30<", "<EpochLength>no<", 1), "annot-epoch"},
		{"start", strings.Replace(nsrrFile, "<Start>60<", "<Start>Inf<", 1), "annot-event"},
		{"stage", strings.Replace(profusionFile, "<SleepStage>9<", "<SleepStage>N<", 1), "annot-stage"},
		{"charset", strings.Replace(nsrrFile, "UTF-8", "EBCDIC", 1), "annot-kind"},
		{"no wake in that language", strings.NewReplacer("Éveil", "X", "N1", "Y", "REM", "Z").Replace(noxturnalFile), "annot-no-stages"},
		{"dates", strings.ReplaceAll(noxturnalFile, "/2016", "/16"), "annot-date"},
		{"durations", strings.ReplaceAll(noxturnalFile, ",30,", ",,"), "annot-event"},
	} {
		_, _, err := Read(strings.NewReader(c.in), Options{})
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}

// A real export of 1,411 events in French and UTF-16; the counts are those of
// its own rows.
func TestRealNoxturnal(t *testing.T) {
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	f, err := os.Open(filepath.Join(dir, "data", "edf", "rsleep", "noxturnal_events_example_unicode.csv"))
	if err != nil {
		t.Skipf("no reference data in %s: set DVALA_REFERENCE", dir)
	}
	defer f.Close()
	s, l, err := Read(f, Options{})
	if err != nil || len(l) > 0 {
		t.Fatal(err, l)
	}
	h, l, err := s.Hypnogram(time.UTC)
	if err != nil || len(l) > 0 {
		t.Fatal(err, l)
	}
	if h.Count(sleep.W) != 213 || h.Count(sleep.N1) != 66 || h.Count(sleep.N2) != 466 || h.Count(sleep.N3) != 364 || h.Count(sleep.R) != 249 || len(s.Events) != 53 {
		t.Errorf("%d epochs, %d events: %v", h.Len(), len(s.Events), h)
	}
	if start, _ := h.Start(); h.Count(sleep.Unscored) != h.Len()-1358 || start.Format(time.DateTime) != "2016-01-15 22:30:00" {
		t.Error(start, h.Len())
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{nsrrFile, profusionFile, noxturnalFile, "W\nN1\n?\n", "0\n5\n", "\xff\xfeW\x00\n\x00", "<PSGAnnotation><ScoredEvent><Start>1e300</Start></ScoredEvent></PSGAnnotation>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, _, err := Read(bytes.NewReader(b), Options{Numbers: RK()})
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		if _, _, err := s.Hypnogram(time.UTC); err != nil && fault.CodeOf(err) == "" {
			t.Fatalf("an error without a code: %v", err)
		}
	})
}
