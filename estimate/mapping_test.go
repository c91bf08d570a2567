package estimate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"dvala/fault"
)

func smallMapping(t testing.TB, change ...string) *Mapping {
	t.Helper()
	b, err := os.ReadFile("testdata/mapping/parallel.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i+1 < len(change); i += 2 {
		text = strings.ReplaceAll(text, change[i], change[i+1])
	}
	m, l := ParseMapping([]byte(text), MappingFile("mapping.yaml"))
	if l.Err() != nil {
		t.Fatal(l.Text())
	}
	return m
}

// smallTables are six people with a decimal comma here and a point there, times
// as people write them, and what is missing.
func smallTables() fstest.MapFS {
	night := func(rows string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("night\tworn\tasleep\tawake\toff\tslept\n" + rows)}
	}
	return fstest.MapFS{
		"people.csv":   {Data: []byte("\xef\xbb\xbfid;arm;place;years;sex\nS-a;A;1;40;f\nS-b;B;1;41,0;m\nS-c;A;2;42;f\nS-d;B;2;NA;m\nS-e;A;1;44;\"f\"\nS-f;B;2;45;m\n")},
		"isi.csv":      {Data: []byte("id,day,first,second\na,0,14,16\na,21,10,\nb,0,15,15\nb,21,14,14\nc,0,20,\nc,21,15,15\nd,0,18,18\nd,21,17,17\ne,0,13,13\nf,0,12,12\nf,21,12,12\n")},
		"nights/a.tsv": night("-1\tyes\t6.5\t20\t23:30\t23.45\n0\tyes\t7\t10\t2345\t0:15\n1\tno\t1\t1\tn/a\tn/a\n"),
		"nights/b.tsv": night("-1\tyes\t6\t20\tkl 23\t23:20\n0\tyes\t6\t10\t11:30 pm\t12:10 am\n"),
	}
}

func TestMappingMakesTables(t *testing.T) {
	c := checked(t, "parallel.yaml")
	d, hash, l := FromTables(c, smallMapping(t), smallTables())
	if l.Err() != nil {
		t.Fatal(l.Text())
	}
	if len(d.People) != 6 || d.Screened != 7 || len(hash) != 64 {
		t.Fatalf("%d people of %d screened", len(d.People), d.Screened)
	}
	if p := d.People[0]; p.Subject != "a" || p.Group != "drug-x" || p.Site != "site1" || p.Strata["sex"] != "female" {
		t.Errorf("the first person is %+v", p)
	}
	if p := d.People[3]; len(p.Answers) != 1 || len(p.Strata) != 2 {
		t.Errorf("someone whose age is missing is %+v", p)
	}
	want := map[string]float64{"a day0": 15, "a day21": 10, "c day0": 20, "f day21": 12}
	for _, v := range d.Values {
		if x, ok := want[v.Subject+" "+v.Visit]; ok && x != v.X {
			t.Errorf("%s at %s is %v, want %v", v.Subject, v.Visit, v.X, x)
		}
	}
	nights := map[string]float64{"a ring-tst 0": 380, "a ring-tst 1": 415, "a diary-sol 0": 15, "a diary-sol 1": 30, "b diary-sol 0": 20, "b diary-sol 1": 40}
	found := 0
	for _, n := range d.Nights {
		key := n.Subject + " " + n.Outcome + " " + itoa(n.Day)
		if x, ok := nights[key]; ok {
			found++
			if x != n.X {
				t.Errorf("%s is %v, want %v", key, n.X, x)
			}
		}
	}
	if found != len(nights) || len(d.Nights) != 8 {
		t.Errorf("%d of %d nights found among %d", found, len(nights), len(d.Nights))
	}
	if len(d.Checks) != 1 || d.Checks[0].Held == nil || !*d.Checks[0].Held {
		t.Errorf("checks are %+v", d.Checks)
	}
	if d.People[4].Completed || !d.People[0].Completed {
		t.Error("who has a value at day 21 has completed, and nobody else")
	}
	if _, err := Analyse(c, d, false, Provenance{DataHash: hash}); err != nil {
		t.Error(err)
	}
}

// One problem of each kind in the tables, each told with its file and row.
func TestTablesAreReadStrictly(t *testing.T) {
	c := checked(t, "parallel.yaml")
	for name, k := range map[string]struct {
		file, text string
		code       fault.Code
		line       int
	}{
		"a table that is not there":  {"isi.csv", "", "table-missing", 0},
		"an empty table":             {"isi.csv", "\n", "table-empty", 0},
		"a column that is not there": {"isi.csv", "id,day,first\na,0,1\n", "mapping-column", 0},
		"a row too long":             {"isi.csv", "id,day,first,second\na,0,1,2,3\n", "table-row", 2},
		"no number":                  {"isi.csv", "id,day,first,second\na,0,1,few\n", "value-number", 2},
		"hexadecimal":                {"isi.csv", "id,day,first,second\na,0,0x10,2\n", "value-number", 2},
		"an unknown visit":           {"isi.csv", "id,day,first,second\na,9,1,2\n", "value-unmapped", 2},
		"a value twice":              {"isi.csv", "id,day,first,second\na,0,1,2\na,0,1,2\n", "value-several", 0},
		"an open quote":              {"isi.csv", "id,day,first,second\n\"a,0,1,2\n", "table-row", 0},
		"not UTF-8":                  {"isi.csv", "id,day,first,second\n\xff,0,1,2\n", "table-encoding", 0},
		"a person twice":             {"people.csv", "id;arm;place;years;sex\na;A;1;40;f\na;B;1;40;f\n", "person-twice", 3},
		"an unknown arm":             {"people.csv", "id;arm;place;years;sex\na;C;1;40;f\n", "person-group", 2},
		"a point for a comma":        {"people.csv", "id;arm;place;years;sex\na;A;1;40.5;f\n", "value-number", 2},
		"too old":                    {"people.csv", "id;arm;place;years;sex\na;A;1;400;f\n", "answer-range", 2},
		"no time of day":             {"nights/a.tsv", "night\tworn\tasleep\tawake\toff\tslept\n0\tyes\t7\t1\tlate\t1:00\n", "value-clock", 2},
		"a day that is none":         {"nights/a.tsv", "night\tworn\tasleep\tawake\toff\tslept\nx\tyes\t7\t1\t1\t1:00\n", "value-number", 2},
		"other columns":              {"nights/b.tsv", "night\tworn\tasleep\tawake\toff\tSLEPT\n", "table-columns", 0},
		"a name without its person":  {"nights/B2.tsv", "night\tworn\tasleep\tawake\toff\tslept\n", "table-name", 0},
	} {
		files := smallTables()
		if k.text == "" {
			delete(files, k.file)
		} else {
			files[k.file] = &fstest.MapFile{Data: []byte(k.text)}
		}
		d, _, l := FromTables(c, smallMapping(t), files)
		if d != nil || !l.Has(k.code) {
			t.Errorf("%s: want %s, got %v", name, k.code, l)
			continue
		}
		for _, p := range l {
			if p.Code == k.code && k.line > 0 && (p.Line != k.line || p.File != k.file) {
				t.Errorf("%s: told at %s:%d, want %s:%d", name, p.File, p.Line, k.file, k.line)
			}
		}
	}
}

// A mapping that has everything wrong is told everything at once.
func TestBadMappings(t *testing.T) {
	b, err := os.ReadFile("testdata/bad/mapping-everything.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, l := ParseMapping(b, MappingFile("m.yaml"))
	for _, want := range []string{
		"m.yaml:3: ", "surprise", "mapping-format", "tables.people.file", "tables.people.delimiter", "tables.people.decimal",
		"tables.people.subject", "tables.people.ragged", "tables.scores.names", "people.table", "people.group", "[mapping-missing]",
		"measures[0]: a measure has either", "measures[0].table", "measures[0].over", "at visits or by day", "measures[0].where[0]",
		"measures[0].value: a value is exactly one", "measures[0].value.at_least", "measures[1].value.minutes", "digits",
		"measured twice", "measures[2].value.holds", "checks[0].measure", "protocol",
	} {
		if !strings.Contains(l.Error(), want) {
			t.Errorf("nothing says %q", want)
		}
	}
	for name, text := range map[string]string{"empty": "", "a list": "- a", "broken": "a: [", "an alias": "a: &x 1\nb: *x", "two": "a: 1\n---\na: 2", "twice": "protocol: a\nprotocol: b"} {
		if m, l := ParseMapping([]byte(text)); m != nil || l.Err() == nil {
			t.Errorf("%s: was read", name)
		}
	}
	if t.Failed() {
		t.Log(l.Text())
	}
}

// What the mapping and the protocol do not agree on.
func TestMappingAgainstProtocol(t *testing.T) {
	c := checked(t, "parallel.yaml")
	for name, k := range map[string]struct {
		from, to string
		code     fault.Code
	}{
		"another protocol":     {"protocol: small-parallel", "protocol: other", "mapping-protocol"},
		"an unknown outcome":   {"outcome: isi-total", "outcome: isi-sum", "mapping-name"},
		"an unknown question":  {"    age: {column: years}", "    shoe: {column: years}", "mapping-name"},
		"an unknown column":    {"{column: arm, map", "{column: group, map", "mapping-column"},
		"no visit":             {"    visit: {column: day, map: {\"0\": day0, \"21\": day21}}\n", "", "mapping-missing"},
		"counts that disagree": {"screened: 7", "screened: 9", "mapping-flow"},
		"an unknown arm":       {"treatment: drug-x", "treatment: drug-z", "mapping-name"},
	} {
		if _, _, l := FromTables(c, smallMapping(t, k.from, k.to), smallTables()); !l.Has(k.code) {
			t.Errorf("%s: want %s, got %v", name, k.code, l)
		}
	}
}

func TestClock(t *testing.T) {
	for s, want := range map[string]int{
		"23:30": 1410, "23.30": 1410, "2330": 1410, "730": 450, "7": 420, "0730": 450, "11:30 pm": 1410, "12 am": 0, "12 pm": 720,
		"kl 23.30": 1410, "ca 22:45": 1365, "c:a 22.45": 1365, "22:45:10": 1365, "24:00": 0, "~7:05": 425, "7h30": 450, "00:00": 0,
	} {
		if got, ok := clock(s, false); !ok || got != want {
			t.Errorf("%q is read as %d, %v; want %d", s, got, ok, want)
		}
	}
	for s, want := range map[string]int{"49": 49, "2245": 1365, "610": 370, "0": 0, "7": 7} {
		if got, ok := clock(s, true); !ok || got != want {
			t.Errorf("%q as hhmm is read as %d, %v; want %d", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "late", "25:00", "7:5", "7:60", "13 pm", "0 am", "1:2:3:4", "12345", "-3", "７"} {
		if got, ok := clock(s, false); ok {
			t.Errorf("%q is read as %d", s, got)
		}
	}
}

func FuzzParseMapping(f *testing.F) {
	for _, name := range []string{"testdata/mapping/parallel.yaml", "testdata/bad/mapping-everything.yaml", filepath.Join("..", "examples", "stockholm", "mapping.yaml")} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, l := ParseMapping(b)
		if (m == nil) == (l.Err() == nil) {
			t.Errorf("a mapping %v beside %v", m, l)
		}
	})
}

func FuzzTables(f *testing.F) {
	for name, file := range smallTables() {
		f.Add(name, file.Data)
	}
	f.Add("isi.csv", []byte("id,day\n\"\n"))
	c := checked(f, "parallel.yaml")
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		files := smallTables()
		if _, ok := files[name]; !ok {
			name = "isi.csv"
		}
		files[name] = &fstest.MapFile{Data: b}
		d, _, l := FromTables(c, smallMapping(t), files)
		if (d == nil) == (l.Err() == nil) {
			t.Fatalf("data %v beside %v", d != nil, l)
		}
		if d != nil {
			if _, err := Analyse(c, d, false, Provenance{}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzParseResults(f *testing.F) {
	f.Add([]byte(`{"format":1}`))
	f.Add([]byte(`{"format":1,"level":1e400}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseResults(b)
		if err != nil {
			return
		}
		once := mustJSON(t, r)
		again, err := ParseResults(once)
		if err != nil {
			t.Fatal(err)
		}
		if string(mustJSON(t, again)) != string(once) {
			t.Error("writing and reading is not settled after one round")
		}
	})
}
