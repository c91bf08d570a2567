package ui

import (
	"encoding"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dvala/civil"
	"dvala/protocol"
)

// Each field of a protocol has words in both languages, and no words stand there for
// a field that there is not.
func TestFieldsOfProtocolsHaveWords(t *testing.T) {
	c := must(readWords())
	ways := map[string]bool{}
	walkFields(reflect.TypeFor[protocol.Protocol](), "", ways)
	if len(ways) < 150 {
		t.Fatalf("only %d fields were found", len(ways))
	}
	used := map[string]bool{}
	for way := range ways {
		name := way[strings.LastIndexByte(way, '.')+1:]
		key := way
		if c.fields[key] == nil {
			key = name
		}
		used[key] = true
		for _, l := range languages {
			if c.fields[key][l] == "" {
				t.Errorf("the field %s has no words in %s", way, l)
			}
		}
	}
	for key := range c.fields {
		if !used[key] {
			t.Errorf("a protocol has no field %s", key)
		}
	}
}

func walkFields(of reflect.Type, way string, ways map[string]bool) {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of.Implements(reflect.TypeFor[encoding.TextMarshaler]()) || of == reflect.TypeFor[civil.Date]() {
		return
	}
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("yaml"), ",")
		if name == "-" || name == "" {
			continue
		}
		whole := strings.TrimPrefix(way+"."+name, ".")
		ways[whole] = true
		walkFields(of.Field(i).Type, whole, ways)
	}
}

func TestPlacesAreSaidInWords(t *testing.T) {
	c := must(readWords())
	for _, x := range []struct{ place, sv, en string }{
		{"visits[day-7].after", "besök day-7 · dagar efter", "visit day-7 · days after"},
		{"title", "titel", "title"},
		{"estimands[first].variable.nights.from", "estimand first · variabel · nätter · från", "estimand first · variable · nights · from"},
		{"population.screening[age].min", "deltagare · fråga vid screeningen age · minst", "population · screening question age · least"},
	} {
		if sv, en := c.where("sv", x.place), c.where("en", x.place); sv != x.sv || en != x.en {
			t.Errorf("%s is %q and %q", x.place, sv, en)
		}
	}
	for raw, want := range map[string][]shownValue{
		"":                          nil,
		"true":                      {{"", "ja"}},
		"21":                        {{"", "21"}},
		`"a cup of tea"`:            {{"", "a cup of tea"}},
		`["en","sv"]`:               {{"", "en, sv"}},
		`{"sv":"Te","en":"Tea"}`:    {{"en", "Tea"}, {"sv", "Te"}},
		`{"from":1,"to":7}`:         {{"", `{"from":1,"to":7}`}},
		`{"1a":"the title","2":""}`: {{"", `{"1a":"the title","2":""}`}},
	} {
		if got := c.shown("sv", raw); !slices.Equal(got, want) {
			t.Errorf("%s is shown as %+v", raw, got)
		}
	}
}

// What an amendment changes is shown in the reader's language: where, of what kind,
// and each text in its own.
func TestDifferencesAreInSwedish(t *testing.T) {
	h := handler(t, playground(t))
	src := string(must(os.ReadFile(filepath.Join("..", "study", "testdata", "small.yaml"))))
	next := strings.NewReplacer("\nversion: \"1\"", "\nversion: \"2\"", "A small trial", "A small & quiet trial", "Aged 35 to 55, sv: Mellan 35 och 55 år", "Aged 35 to 60, sv: Mellan 35 och 60 år", "participants: 8", "participants: 7").Replace(src)
	form := map[string]string{"key": "desk-d", "summary": "en annan titel", "reason": "varför inte", "look": "yes"}
	w := send(t, h, "/do/amend-protocol", form, "protocol_file", next, as("investigator"), in("sv"))
	page := w.Body.String()
	if w.Code != http.StatusOK {
		t.Fatal(w.Code, page)
	}
	for _, want := range []string{
		"upplägg · deltagare <small><code>design.participants</code></small>", "titel <small><code>title</code>", "<td class=\"w\">antal</td>", "<td class=\"w\">ordalydelse</td>",
		`<div lang="en">Aged 35 to 60</div><div lang="sv">Mellan 35 och 60 år</div>`, "A small &amp; quiet trial",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
}
