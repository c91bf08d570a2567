package exchange

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/study"
)

// formats gives the trial in every form, by name.
func formats(t *testing.T, c protocol.Checked, s *study.State, a estimate.Allocation) map[string][]File {
	t.Helper()
	out := map[string][]File{}
	keep := func(name string, files []File, err error) {
		if err != nil {
			t.Fatal(name, err)
		}
		out[name] = files
	}
	csv, err := Export(c, s, a, study.BuiltIn)
	keep("csv", append(csv, Scripts(c, s, a, study.BuiltIn)...), err)
	js, err := DatasetJSON(c, s, a, study.BuiltIn)
	keep("dataset-json", js, err)
	odm, err := ODM(c, s, a, study.BuiltIn)
	keep("odm", []File{odm}, err)
	fhir, err := FHIR(c, s, a, study.BuiltIn)
	keep("fhir", []File{fhir}, err)
	return out
}

// Every form holds the same rows.
func TestSameRowsInEveryForm(t *testing.T) {
	c, s, _ := played(t, 6)
	all := formats(t, c, s, estimate.Allocation{})
	want := map[string]int{}
	for _, f := range all["csv"] {
		if name, ok := strings.CutSuffix(f.Name, ".csv"); ok && name != "dictionary" {
			want[name] = len(parse(t, f)) - 1
		}
	}
	for _, f := range all["dataset-json"] {
		var d dataset
		if err := json.Unmarshal(f.Bytes, &d); err != nil {
			t.Fatal(f.Name, err)
		}
		if n := want[d.Name]; d.Records != n || len(d.Rows) != n || n == 0 && d.Name == "answers" {
			t.Errorf("Dataset-JSON: %s has %d rows and says %d, CSV has %d", d.Name, len(d.Rows), d.Records, n)
		}
		for _, row := range d.Rows {
			if len(row) != len(d.Columns) {
				t.Fatalf("%s: a row of %d cells for %d columns", d.Name, len(row), len(d.Columns))
			}
		}
	}
	got := map[string]int{}
	for dec := xml.NewDecoder(bytes.NewReader(all["odm"][0].Bytes)); ; {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, is := tok.(xml.StartElement); is && e.Name.Local == "ItemGroupData" {
			for _, a := range e.Attr {
				if a.Name.Local == "ItemGroupOID" {
					got[strings.TrimPrefix(a.Value, "IG.")]++
				}
			}
		}
	}
	for name, n := range want {
		if got[name] != n {
			t.Errorf("ODM: %s has %d rows, CSV has %d", name, got[name], n)
		}
	}
}

// In FHIR there is one response for every filled-in instrument, and every
// resource has a name of its own.
func TestFHIRCounts(t *testing.T) {
	c, s, _ := played(t, 6)
	f, err := FHIR(c, s, estimate.Allocation{}, study.BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		Entry []struct {
			Resource struct {
				ResourceType, ID string
			}
		}
	}
	if err := json.Unmarshal(f.Bytes, &bundle); err != nil {
		t.Fatal(err)
	}
	count, names := map[string]int{}, map[string]bool{}
	for _, e := range bundle.Entry {
		r := e.Resource
		if count[r.ResourceType]++; names[r.ResourceType+"/"+r.ID] {
			t.Errorf("%s/%s is there twice", r.ResourceType, r.ID)
		}
		names[r.ResourceType+"/"+r.ID] = true
	}
	want := map[string]int{"ResearchStudy": 1, "Patient": len(s.Order), "ResearchSubject": len(s.Order)}
	for _, p := range s.People {
		want["QuestionnaireResponse"] += len(p.Diary)
		for _, of := range p.Visits {
			want["QuestionnaireResponse"] += len(of)
		}
		for _, of := range p.Nights {
			want["Observation"] += len(of)
		}
		want["Consent"] += len(p.Consents)
		want["AdverseEvent"] += len(p.Adverse)
	}
	for kind, n := range want {
		if count[kind] != n {
			t.Errorf("%d of %s, want %d", count[kind], kind, n)
		}
	}
}

// Before the openings no form tells an arm of a person; a dummy allocation
// changes no byte; after them FHIR has the arm of each.
func TestArmsInEveryForm(t *testing.T) {
	c, s, arms := played(t, 6)
	dummy, err := estimate.DummyAllocation(c, s, 1)
	if err != nil {
		t.Fatal(err)
	}
	blind, onDummy := formats(t, c, s, estimate.Allocation{}), formats(t, c, s, dummy)
	for name, files := range blind {
		for i, f := range files {
			if !bytes.Equal(f.Bytes, onDummy[name][i].Bytes) {
				t.Errorf("%s: %s tells of a dummy allocation", name, f.Name)
			}
			for _, a := range c.Protocol().Arms {
				if bytes.Contains(f.Bytes, []byte(a.ID)) {
					t.Errorf("%s: %s holds the arm %s", name, f.Name, a.ID)
				}
			}
		}
	}
	opened, err := estimate.OpenedAllocation(c, s, arms)
	if err != nil {
		t.Fatal(err)
	}
	open := formats(t, c, s, opened)
	if n := bytes.Count(open["fhir"][0].Bytes, []byte(`"assignedArm"`)); n != 6 {
		t.Errorf("%d people with an arm in FHIR, want 6", n)
	}
	again := formats(t, c, s, opened)
	for name, files := range open {
		for i, f := range files {
			if !bytes.Equal(f.Bytes, again[name][i].Bytes) {
				t.Errorf("%s: %s is another the second time", name, f.Name)
			}
		}
	}
}

// Names that SAS can hold, each once.
func TestNamesForSAS(t *testing.T) {
	names := namesSAS([]column{{name: "a b"}, {name: "a_b"}, {name: "1st"}, {name: strings.Repeat("x", 40)}, {name: strings.Repeat("x", 41)}})
	want := []string{"a_b", "a_b_2", "_1st", strings.Repeat("x", 32), strings.Repeat("x", 30) + "_2"}
	for i := range want {
		if names[i] != want[i] {
			t.Errorf("%d: %s, want %s", i, names[i], want[i])
		}
	}
}
