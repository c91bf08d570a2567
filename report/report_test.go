package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/report/figure"
)

func render(t testing.TB, r estimate.Results) string {
	t.Helper()
	b, err := HTML(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// node is one element of a parsed page.
type node struct {
	name     string
	attrs    map[string]string
	content  []any // text and elements in order
	children []*node
	parent   *node
}

// parse reads a page as XML. The pages are written so that they are both HTML
// and well-formed XML: a tag left open, or one that text from outside opened,
// fails here.
func parse(t testing.TB, page string) *node {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict = true
	root := &node{}
	at := root
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			n := &node{name: x.Name.Local, attrs: map[string]string{}, parent: at}
			for _, a := range x.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			at.children, at.content = append(at.children, n), append(at.content, n)
			at = n
		case xml.EndElement:
			at = at.parent
		case xml.CharData:
			at.content = append(at.content, string(x))
		case xml.Comment:
			t.Errorf("a comment: %s", x)
		}
	}
	if at != root {
		t.Fatal("an element is left open")
	}
	return root
}

// text is what stands in an element and all below it.
func (n *node) text() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *node) write(b *strings.Builder) {
	for _, c := range n.content {
		switch x := c.(type) {
		case string:
			b.WriteString(x)
		case *node:
			x.write(b)
		}
	}
}

// all lists the elements of a name, in document order.
func (n *node) all(name string) []*node {
	var out []*node
	for _, c := range n.children {
		if name == "" || c.name == name {
			out = append(out, c)
		}
		out = append(out, c.all(name)...)
	}
	return out
}

// What may stand in a page of ours, and nothing else.
var elements = strings.Fields(`html head meta title style body a div strong nav h1 h2 h3 ol ul li main header section footer p span small dl dt dd
	figure figcaption details summary table caption thead tbody tr th td pre code
	svg desc g line rect circle path text defs pattern`)

func TestNothingFromOutsideBecomesMarkup(t *testing.T) {
	for _, f := range fixtures() {
		page := render(t, f.results)
		root := parse(t, page)
		for _, n := range root.all("") {
			if !slices.Contains(elements, n.name) {
				t.Errorf("%s: an element %q", f.name, n.name)
			}
			for name, v := range n.attrs {
				if strings.HasPrefix(name, "on") || name == "src" || name == "style" {
					t.Errorf("%s: <%s> has %s=%q", f.name, n.name, name, v)
				}
				if name == "href" && !strings.HasPrefix(v, "#") {
					t.Errorf("%s: a link leads out: %q", f.name, v)
				}
			}
		}
		for _, c := range []string{"\x00", "\x1b", "\u202e", "url(http", "@import"} {
			if strings.Contains(page, c) {
				t.Errorf("%s: holds %q", f.name, c)
			}
		}
	}
	if n := strings.Count(render(t, hostile()), "alert(1)"); n < 40 {
		t.Errorf("the poison stands in the page %d times; it should be shown, as text", n)
	}
}

func TestPolicyAllowsTheStyleAndNothingElse(t *testing.T) {
	page := render(t, positive())
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page)[1]
	sum := sha256.Sum256([]byte(style))
	root := parse(t, page)
	var policy string
	for _, m := range root.all("meta") {
		if m.attrs["http-equiv"] == "Content-Security-Policy" {
			policy = m.attrs["content"]
		}
	}
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("policy\n%s\nwant\n%s", policy, want)
	}
}

// The page is found by those who do not see it: one main, labelled sections
// and navigation, headers with a scope, pictures with a name and a description
// that exist, ids used once, links that arrive.
func TestPageIsAccessible(t *testing.T) {
	for _, f := range fixtures() {
		root := parse(t, render(t, f.results))
		for name, want := range map[string]int{"main": 1, "nav": 1, "h1": 1, "header": 1, "footer": 1} {
			if got := len(root.all(name)); got != want {
				t.Errorf("%s: %d <%s>", f.name, got, name)
			}
		}
		ids := map[string]*node{}
		for _, n := range root.all("") {
			if id, ok := n.attrs["id"]; ok {
				if ids[id] != nil {
					t.Errorf("%s: id %q twice", f.name, id)
				}
				ids[id] = n
			}
		}
		for _, n := range root.all("") {
			for _, key := range []string{"aria-labelledby", "aria-describedby"} {
				for _, id := range strings.Fields(n.attrs[key]) {
					if ids[id] == nil {
						t.Errorf("%s: <%s> %s names %q, which is not there", f.name, n.name, key, id)
					}
				}
			}
			if h := n.attrs["href"]; h != "" && ids[h[1:]] == nil {
				t.Errorf("%s: link to %s leads nowhere", f.name, h)
			}
			if n.name == "th" && n.attrs["scope"] == "" {
				t.Errorf("%s: a header cell without scope: %q", f.name, n.text())
			}
			if n.name == "section" && n.attrs["aria-labelledby"] == "" {
				t.Errorf("%s: a section without a name", f.name)
			}
			if n.name == "svg" {
				if n.attrs["role"] != "img" || len(n.all("title")) != 1 || len(n.all("desc")) != 1 ||
					strings.TrimSpace(n.all("desc")[0].text()) == "" {
					t.Errorf("%s: picture %q lacks role, title or description", f.name, n.attrs["id"])
				}
			}
			if n.name == "tr" && n.parent.name == "tbody" && n.attrs["class"] != "group" {
				head := n.parent.parent.all("thead")[0]
				if len(n.children) != len(head.all("th")) {
					t.Errorf("%s: a row of %d cells under %d heads: %q", f.name, len(n.children), len(head.all("th")), n.text())
				}
			}
		}
	}
}

// Words that no report of ours uses, whatever it found, and p-values that do
// not exist.
func TestWords(t *testing.T) {
	banned := regexp.MustCompile(`(?i)\bsignifican|\bproves\b|p = 0\.000|\bp = 1\b|NaN|\bInf\b|%!|<nil>|\bnull\b`)
	for _, f := range fixtures() {
		if f.name == "hostile" {
			continue
		}
		text := parse(t, render(t, f.results)).all("body")[0].text()
		if m := banned.FindString(strings.ReplaceAll(text, "\u00a0", " ")); m != "" {
			t.Errorf("%s: says %q", f.name, m)
		}
		for _, must := range []string{"not medical advice", "no regulator has reviewed it", "CONSORT 2025", "Flow of participants"} {
			if !strings.Contains(text, must) {
				t.Errorf("%s: does not say %q", f.name, must)
			}
		}
	}
}

func TestHyphenIsNoMinus(t *testing.T) {
	text := parse(t, render(t, positive())).all("main")[0].text()
	if m := regexp.MustCompile(`(^|[\s(\[])-\d`).FindString(text); m != "" {
		t.Errorf("a negative number with a hyphen: %q", m)
	}
}

func TestBannersStandFirst(t *testing.T) {
	const dry = "Dry run on a dummy allocation: no number here says anything about the arms"
	const made = "the participants are made up"
	d := render(t, dummy())
	if i := strings.Index(d, dry); i < 0 || i > strings.Index(d, "<main>") {
		t.Error("a dry run does not say so before everything else")
	}
	if i := strings.Index(d, made); i < 0 || i > strings.Index(d, "<main>") {
		t.Error("a simulated trial does not say so before everything else")
	}
	if !strings.Contains(d, "<title>Dry run: ") {
		t.Error("the tab of a dry run does not say so")
	}
	if strings.Contains(d, "Tack för att du var med") {
		t.Error("a dry run speaks to the people who took part")
	}
	if p := render(t, positive()); strings.Contains(p, dry) || strings.Contains(p, made) {
		t.Error("a real report carries a banner")
	}
}

// A dry run and the real report differ in nothing but the numbers by arm: the
// same sections, tables, rows and columns.
func TestDryRunHasTheSameShape(t *testing.T) {
	r := positive()
	d := positive()
	d.Dummy = true
	shape := func(page string) []string {
		var out []string
		for _, n := range parse(t, page).all("section") {
			if n.attrs["id"] == "people" {
				continue
			}
			for _, c := range n.all("") {
				out = append(out, c.name)
			}
		}
		return out
	}
	if !slices.Equal(shape(render(t, r)), shape(render(t, d))) {
		t.Error("the dry run is built differently")
	}
}

// The same results give the same bytes, however the maps inside were filled
// and whether they came from memory or from results.json.
func TestSameBytes(t *testing.T) {
	want := render(t, hostile())
	for range 20 {
		r := hostile()
		for i := range r.Nights {
			fresh := map[string][]float64{}
			for k, v := range r.Nights[i].Shares { // in whatever order the map gives
				fresh[k] = v
			}
			r.Nights[i].Shares = fresh
		}
		if render(t, r) != want {
			t.Fatal("bytes differ")
		}
	}
	for _, r := range []estimate.Results{positive(), crossed(), null()} {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back estimate.Results
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if render(t, r) != render(t, back) {
			t.Errorf("%s: bytes differ after results.json", r.Trial.ID)
		}
	}
}

func TestSelfContained(t *testing.T) {
	page := render(t, positive())
	for _, s := range []string{"<script", "<link", "<img", "<iframe", "http://", "https://"} {
		got := strings.ReplaceAll(page, `xmlns="http://www.w3.org/2000/svg"`, "")
		if strings.Contains(got, s) {
			t.Errorf("the page holds %q", s)
		}
	}
}

// Every picture that shows results has its numbers in a table in the same
// figure.
func TestFiguresHaveTables(t *testing.T) {
	for _, n := range parse(t, render(t, positive())).all("figure") {
		if len(n.all("table")) == 0 && !strings.Contains(n.text(), "Bang") { // Bang's stand in the table above it
			t.Errorf("no numbers in: %.60q", n.text())
		}
	}
}

func TestFlowCounts(t *testing.T) {
	r := positive()
	text := ""
	for _, n := range parse(t, render(t, r)).all("svg") {
		if n.attrs["id"] == "fig-flow" {
			text = strings.ReplaceAll(n.text(), "\u00a0", " ")
		}
	}
	for _, want := range []string{"eligibility (n = 112)", "Excluded (n = 32)", "Randomised (n = 80)", "Received the treatment (n = 39)", "Did not receive it (n = 1)", "Completed (n = 38)", "Analysed (n = 37)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the flow does not say %q", want)
		}
	}
	x := render(t, crossed())
	if !strings.Contains(x, "Allocated to Restriction, then full sleep") || !strings.Contains(x, "Period and sequence effects") {
		t.Error("a crossover is not told as one")
	}
}

func TestPlaces(t *testing.T) {
	root := parse(t, render(t, positive()))
	for _, s := range root.all("section") {
		switch s.attrs["id"] {
		case "secondary":
			if strings.Contains(s.text(), "Deep sleep by ring") || !strings.Contains(s.text(), "Total sleep time by ring") {
				t.Error("the secondary section does not hold the secondary estimands alone")
			}
		case "exploratory":
			if !strings.Contains(s.text(), "Deep sleep by ring") || strings.Contains(s.text(), "confirmed") {
				t.Error("the exploratory section claims, or is not there")
			}
		case "baseline":
			if regexp.MustCompile(`p = |<`).MatchString(s.text()) {
				t.Error("a p-value in the baseline table")
			}
		}
	}
}

func BenchmarkHTML(b *testing.B) {
	r := positive()
	b.ReportAllocs()
	var n int
	for b.Loop() {
		page, err := HTML(r)
		if err != nil {
			b.Fatal(err)
		}
		n = len(page)
	}
	b.SetBytes(int64(n))
}

// FuzzHTML throws any JSON that is a Results at the report: it neither panics
// nor lets anything through.
func FuzzHTML(f *testing.F) {
	for _, x := range fixtures() {
		if b, err := json.Marshal(x.results); err == nil {
			f.Add(b)
		}
	}
	f.Add([]byte(`{"estimands":[{"place":"primary","estimate":1e308,"low":-1e308,"high":1e308,"level":5,"matters":-1}],"guess":{"options":["a","b"],"arms":["x"],"counts":[],"index":[9]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r estimate.Results
		if json.Unmarshal(b, &r) != nil {
			return
		}
		page, err := HTML(r)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(page, []byte("<script")) {
			t.Fatal("markup got through")
		}
		parse(t, string(page))
	})
}

// The design is named, and the sides of a difference are those of its arms.
func TestNames(t *testing.T) {
	tr := newTrial(crossed())
	if a, b := tr.sides(tr.Estimands[0]); a != "sleep restriction" || b != "full sleep" {
		t.Errorf("sides: %s, %s", a, b)
	}
	if got := tr.label("sf"); got != "Restriction, then full sleep" {
		t.Errorf("label: %s", got)
	}
	if got := newTrial(estimate.Results{Trial: estimate.TrialInfo{Design: protocol.NOf1}}).design(); got != "Series of N-of-1 trials" {
		t.Errorf("design: %s", got)
	}
	if _, ok := tr.looks["short"]; !ok || tr.look("nobody") != figure.Looks([]bool{true})[0] {
		t.Error("looks")
	}
}

// What was to be estimated stands beside the estimand, and what other
// assumptions say stands under it, without a claim.
func TestEstimandIsToldInFull(t *testing.T) {
	for _, s := range parse(t, render(t, positive())).all("section") {
		if s.attrs["id"] != "primary" {
			continue
		}
		text := strings.ReplaceAll(s.text(), "\u00a0", " ")
		for _, want := range []string{
			"Everyone randomised to either", "Stopping the dose: values count all the same (treatment policy)", "A sleep aid that is not allowed",
			"Would other assumptions have changed the answer?", "Jump to reference", "no estimate: nobody answered 4",
			"p would cross 0.05 if their values lay 7.40 points above what the model expects", "At day 14", "unstructured covariance", "does not stand", "Each person left out in turn",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the primary estimand does not say %q", want)
			}
		}
		if n := strings.Count(text, "onfirmed"); n != 1 {
			t.Errorf("confirmed stands %d times: a sensitivity analysis claims", n)
		}
		return
	}
	t.Error("there is no primary section")
}
