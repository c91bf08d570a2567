package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dvala/custody"
	"dvala/examples"
	"dvala/fault"
	"dvala/protocol"
	"dvala/seal/sealtest"
)

// The bars of "1234" in Code 128, set C, by hand from ISO/IEC 15417: start C
// 211232, 12 is 112232, 34 is 131123, the check is (105 + 12 + 2·34) mod 103 = 82
// and so 121241, stop 2331112.
func TestBarcodeByHand(t *testing.T) {
	svg, err := barcode("1234")
	if err != nil {
		t.Fatal(err)
	}
	widths, x := "", 10
	bars := regexp.MustCompile(`M(\d+) 0h(\d+)v`).FindAllStringSubmatch(svg, -1)
	for i, w := range "211232" + "112232" + "131123" + "121241" + "2331112" {
		if i%2 == 0 {
			widths += "M" + strconv.Itoa(x) + " 0h" + strconv.Itoa(int(w-'0')) + "v"
		}
		x += int(w - '0')
	}
	got := ""
	for _, b := range bars {
		got += b[0]
	}
	if got != widths || !strings.Contains(svg, `viewBox="0 0 `+strconv.Itoa(x+10)+` 40"`) {
		t.Errorf("%s\n%s", got, widths)
	}
	for _, bad := range []string{"", "123", "12a4"} {
		if _, err := barcode(bad); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

// ownTrial is the example of one person, sealed by her helper.
func ownTrial(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	public, _, _ := strings.Cut(mustDvala(t, dir, "key", "new"), "\n")
	src, err := examples.Protocol("nof1")
	if err != nil {
		t.Fatal(err)
	}
	if src, err = protocol.FillRecipient(src, public); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "protocol.yaml"), src, 0o600); err != nil {
		t.Fatal(err)
	}
	mustDvala(t, dir, "seal", "protocol.yaml")
	return dir
}

// The helper prints eight labels that say number and days and not what is in a
// box, and a sheet that says it: each kind once in every cycle.
func TestLabelsVerb(t *testing.T) {
	dir := ownTrial(t)
	out := mustDvala(t, dir, "labels", "protocol.yaml", "--from", "2027-01-18", "--key", "custodian.key")
	if !strings.Contains(out, "8 labels to print") || !strings.Contains(out, "for you alone") {
		t.Error(out)
	}
	labels, sheet := string(slurp(t, dir, "labels.html")), string(slurp(t, dir, "packing-sheet.html"))
	if strings.Count(labels, `class="label"`) != 8 || !strings.Contains(labels, "2027-01-18 – 2027-01-24") || !strings.Contains(labels, "2027-01-29 – 2027-02-04") {
		t.Errorf("%.2000s", labels)
	}
	for _, word := range []string{"bisglycinate", "cellulose", "Placebo", "placebo"} {
		if strings.Contains(labels, word) {
			t.Errorf("the labels say %q", word)
		}
	}
	rows := regexp.MustCompile(`<td class="n">([\d-]+)</td><td>[^<]*</td><td>(\w+):`).FindAllStringSubmatch(sheet, -1)
	if len(rows) != 8 {
		t.Fatalf("%d rows in %s", len(rows), sheet)
	}
	for k := range 4 {
		if rows[2*k][2] == rows[2*k+1][2] {
			t.Errorf("cycle %d has %s twice", k+1, rows[2*k][2])
		}
	}
	for i, row := range rows {
		if !strings.Contains(labels, row[1]) {
			t.Errorf("box %d, %s, has no label", i+1, row[1])
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "packing-sheet.html")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	refused(t, "no-kits", dir, "labels", "protocol.yaml", "--slots", "7", "-o", "x.html")
	mustDvala(t, dir, "key", "new", "-o", "other.key")
	refused(t, custody.CodePacking, dir, "labels", "protocol.yaml", "-o", "y.html", "--key", "other.key", "--sheet", "z.html")
	mustDvala(t, dir, "labels", "protocol.yaml", "--lang", "sv", "-o", "sv.html")
	if sv := string(slurp(t, dir, "sv.html")); !strings.Contains(sv, "Ask 3 av 8") || !strings.Contains(sv, "dag 23–29") {
		t.Errorf("%.2500s", sv)
	}
}

// The labels of two trials alike in all but the arms are the same byte for byte.
func TestLabelsOfSwappedArms(t *testing.T) {
	public := "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
	for _, name := range []string{"nof1", "mgt-2024", "crossover"} {
		src, err := examples.Protocol(name)
		if err != nil {
			t.Fatal(err)
		}
		if src, err = protocol.FillRecipient(src, public); err != nil {
			t.Fatal(err)
		}
		c, problems := protocol.Parse(src)
		if problems.Err() != nil {
			t.Fatal(problems)
		}
		a := c.Assignments()
		seed := uint64(4)
		var pages [][]byte
		for _, swap := range [][2]string{{}, {a[0].ID, a[len(a)-1].ID}} {
			s, err := custody.Seal(c, custody.Options{Seed: &seed, Sealer: sealtest.Blank{}, Swap: swap})
			if err != nil {
				t.Fatal(fault.Text(err))
			}
			boxes, err := boxesOf(c, s.List, nil, c.Protocol().Dates.Start, "en")
			if err != nil {
				t.Fatal(err)
			}
			page, err := labelsPage(c, boxes, "en", nil)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, page)
		}
		if !bytes.Equal(pages[0], pages[1]) {
			t.Errorf("%s: the labels differ", name)
		}
	}
}
