package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"

	"dvala/edf"
	"dvala/edf/annot"
	"dvala/fault"
	"dvala/sleep"
	"dvala/wearable/epochs"
	"dvala/wearable/oura"
)

// recognise reads nights from a file of a kind that it finds out by itself: EDF
// by its first bytes, a scoring program's XML or list by its beginning, JSON by its first character and whether it holds
// documents or codes, and a table otherwise.
func recognise(r io.Reader, opt scoreOptions) ([]scored, fault.List, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := b.Peek(4096)
	if err != nil && err != io.EOF {
		return nil, nil, fault.Wrap("read", "", err)
	}
	switch first := firstVisible(head); {
	case len(head) == 0:
		return nil, nil, fault.New("empty", "", "the file is empty")
	case bytes.HasPrefix(head, []byte("\xffBIOSEMI")), bytes.HasPrefix(head, []byte("0       ")):
		return readEDF(b, opt)
	case first == '{' || first == '[':
		return readJSON(b, opt)
	}
	switch annot.Kind(head) {
	case "nsrr", "profusion", "noxturnal":
		return readScoring(b, opt)
	}
	table, err := epochs.Read(b, opt.layout)
	if err != nil {
		return nil, nil, err
	}
	scorer := table.Map.Name
	if table.Column != scorer {
		scorer = table.Column + " by " + scorer
	}
	return []scored{{Kind: "epochs", Scorer: scorer, Hypnogram: table.Hypnogram}}, nil, nil
}

// firstVisible gives the first character that is no space and no byte-order
// mark.
func firstVisible(b []byte) byte {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

func readEDF(r io.Reader, opt scoreOptions) ([]scored, fault.List, error) {
	h, notes, warnings, err := edf.ReadAnnotations(r)
	if err != nil {
		return nil, warnings, err
	}
	zone, epoch := opt.zone, opt.epoch
	if zone == nil {
		zone = time.UTC // the clock of the recorder, whichever zone it was in
	}
	if epoch == 0 {
		epoch = 30 * time.Second
	}
	hyp, more, err := edf.Hypnogram(h, notes, edf.Standard(), epoch, zone)
	warnings = append(warnings, more...)
	if err != nil {
		return nil, warnings, err
	}
	return []scored{{Kind: string(h.Format), Hypnogram: hyp}}, warnings, nil
}

// readScoring reads the stages of a scoring program's own file.
func readScoring(r io.Reader, opt scoreOptions) ([]scored, fault.List, error) {
	found, warnings, err := annot.Read(r, annot.Options{Epoch: opt.epoch})
	if err != nil {
		return nil, warnings, err
	}
	zone := opt.zone
	if zone == nil {
		zone = time.UTC // the clock of the recorder, whichever zone it was in
	}
	h, more, err := found.Hypnogram(zone)
	warnings = append(warnings, more...)
	if err != nil {
		return nil, warnings, err
	}
	return []scored{{Kind: found.Dialect, Hypnogram: h}}, warnings, nil
}

// readJSON tells a list of codes from Oura documents.
func readJSON(r io.Reader, opt scoreOptions) ([]scored, fault.List, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, fault.Wrap("read", "", err)
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if codes, ok := listOfCodes(b); ok {
		return readCodes(b, codes, opt)
	}
	docs, problems, err := oura.Read(bytes.NewReader(b))
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(b)
	result := oura.Nights(docs, oura.Options{Zone: opt.zoneName, SHA256: hex.EncodeToString(sum[:])})
	problems = append(problems, result.Warnings...)
	for _, d := range result.Decisions {
		if opt.why != nil {
			opt.why(d)
		}
	}
	var out []scored
	for _, n := range result.Nights {
		if n.Main.IsEmpty() {
			continue
		}
		out = append(out, scored{Night: n.Date.String(), Kind: "oura", Scorer: n.Source.Algorithm, Hypnogram: n.Main, Naps: n.Naps, Stated: n.Stated, lights: lightsOf(n)})
	}
	if len(out) == 0 {
		problems.Addf("oura-no-night", "", "no night's sleep among %d documents", docs.Len())
	}
	// One unusable document fails the file's exit code, and the other nights still stand.
	return out, problems.Warnings(), errorOrNil(problems)
}

func errorOrNil(l fault.List) error {
	if errs := l.Errors(); len(errs) > 0 {
		return errs
	}
	return nil
}

func lightsOf(n sleep.Night) sleep.Lights {
	var out sleep.Lights
	if n.LightsOff != nil {
		out.Off = *n.LightsOff
	}
	if n.LightsOn != nil {
		out.On = *n.LightsOn
	}
	return out
}

// listOfCodes reads a JSON list of numbers or words, as codes.
func listOfCodes(b []byte) ([]string, bool) {
	var values []any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if d.Decode(&values) != nil || len(values) == 0 {
		return nil, false
	}
	codes := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case json.Number:
			codes[i] = v.String()
		case string:
			codes[i] = v
		default:
			return nil, false
		}
	}
	return codes, true
}

// readCodes scores a list by the map given; without one by words, or, since the
// Dreem Open Datasets are the lists of numbers that people have, by theirs,
// which is then said.
func readCodes(b []byte, codes []string, opt scoreOptions) ([]scored, fault.List, error) {
	var warnings fault.List
	m := opt.layout.Map
	for _, name := range []string{"words", "dod"} {
		known, err := epochs.Named(name)
		if err != nil {
			return nil, nil, err
		}
		if m == nil && known.Knows(codes) {
			m = &known
			if name == "dod" {
				warnings.Addf("epochs-map", "", "numbers without a map: taken as -1 unscored, 0 W, 1 N1, 2 N2, 3 N3, 4 R").
					WithHint("--map dod says so, and is silent").AsWarning()
			}
		}
	}
	if m == nil {
		return nil, nil, fault.New("epochs-map", "", "a list of codes that no map explains").
			WithHint("--map 0=W,1=N1,… says what they mean")
	}
	h, err := epochs.ReadList(bytes.NewReader(b), *m, opt.epoch)
	if err != nil {
		return nil, warnings, err
	}
	return []scored{{Kind: "codes", Scorer: m.Name, Hypnogram: h}}, warnings, nil
}
