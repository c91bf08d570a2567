package apple

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"dvala/fault"
)

func FuzzReadXML(f *testing.F) {
	for _, doc := range []string{
		document(night...), document(whole(phoneName, "InBed"), whole("Pillow", "Asleep"), quantity("HeartRate", watchName, "count/min", 0, "50"), quantity("StepCount", watchName, "count", 0, "50")),
		`<HealthData><!-- --><![CDATA[ ]]><Record a='1' b = "&lt;"/></HealthData>`, `<!DOCTYPE a [<!ENTITY b "c">]><HealthData><Record type="&b;"/></HealthData>`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ReadXML(bytes.NewReader(b), Options{})
		small, err2 := ReadXML(iotest.HalfReader(bytes.NewReader(b)), Options{})
		if (err == nil) != (err2 == nil) || len(r.Nights) != len(small.Nights) {
			t.Fatalf("in pieces: %v and %v", err, err2)
		}
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		for _, n := range r.Nights {
			if _, err := json.Marshal(n); err != nil {
				t.Fatalf("a night that cannot be written: %v", err)
			}
		}
	})
}

// told is a tag with its attributes resolved.
type told struct {
	name  string
	attrs map[string]string
}

// FuzzScan holds the scanner against encoding/xml: every document that the
// standard library reads has the same elements and attributes for both.
func FuzzScan(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0"?><!DOCTYPE a [<!ELEMENT b (c)> <!-- ' -->]><a><b c="1" d='2>"'/><!-- <e/> --><![CDATA[<e/>]]>text</a>`))
	f.Add([]byte(document(night...)))
	f.Add([]byte(`<a b="&lt;&#65;&#x42;&quot;"></a>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		want, ok := standard(b)
		if !ok {
			return
		}
		s := newScanner(bytes.NewReader(b))
		if s.start() != nil {
			return
		}
		var got []told
		for {
			tg, err := s.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil && strings.Contains(err.Error(), "a quotation mark too") {
				return // the standard library takes attributes with no space between them, which is not XML
			}
			if err != nil {
				t.Fatalf("%v where the standard library reads on", err)
			}
			if tg.end {
				continue
			}
			one := told{string(tg.name), map[string]string{}}
			for attrs := tg.attrs; ; {
				name, value, rest, ok, bad := attribute(attrs)
				if bad {
					t.Fatalf("attributes %q", tg.attrs)
				}
				if !ok {
					break
				}
				attrs = rest
				v, known := text(value)
				if !known {
					t.Fatalf("value %q", value)
				}
				one.attrs[string(name)] = v
			}
			got = append(got, one)
		}
		if len(got) != len(want) {
			t.Fatalf("%d tags, want %d", len(got), len(want))
		}
		for i := range got {
			if got[i].name != want[i].name || !maps.Equal(got[i].attrs, want[i].attrs) {
				t.Fatalf("%v, want %v", got[i], want[i])
			}
		}
	})
}

// wellFormedDoctype is of those that the standard library passes on the ones
// that are XML. It makes white space of comments.
var wellFormedDoctype = regexp.MustCompile(`^DOCTYPE\s+\w+\s*(\[(\s|<!(ELEMENT|ATTLIST)[^<>'"\[\]]*>)*\]\s*)?$`)

// standard reads with encoding/xml; ok is false for what it does not read, and
// for the little in which it reads more, or otherwise, than XML: it takes
// declarations anywhere, and leaves white space in values as it is.
func standard(b []byte) ([]told, bool) {
	d := xml.NewDecoder(bytes.NewReader(b))
	var out []told
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out, true
		}
		if err != nil {
			return nil, false
		}
		switch e := token.(type) {
		case xml.Directive:
			if !wellFormedDoctype.Match(e) {
				return nil, false
			}
		case xml.StartElement:
			if e.Name.Space != "" {
				return nil, false
			}
			one := told{e.Name.Local, map[string]string{}}
			for _, a := range e.Attr {
				if a.Name.Space != "" || bytes.ContainsAny([]byte(a.Value), "\t\n\r") {
					return nil, false
				}
				one.attrs[a.Name.Local] = a.Value
			}
			out = append(out, one)
		}
	}
}
