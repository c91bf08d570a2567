package annot

import (
	"encoding/xml"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"dvala/edf"
	"dvala/fault"
	"dvala/sleep"
)

const (
	maxDepth = 32
	maxText  = 4096 // of an element that is read
)

// nsrr is what NSRR calls stages, in lower case, with or without the code
// after the bar.
var nsrr = map[string]sleep.Stage{
	"wake": sleep.W, "wake|0": sleep.W,
	"stage 1 sleep": sleep.N1, "stage 1 sleep|1": sleep.N1,
	"stage 2 sleep": sleep.N2, "stage 2 sleep|2": sleep.N2,
	"stage 3 sleep": sleep.N3, "stage 3 sleep|3": sleep.N3,
	"stage 4 sleep": sleep.N3, "stage 4 sleep|4": sleep.N3,
	"rem sleep": sleep.R, "rem sleep|5": sleep.R,
	"movement": sleep.Unscored, "movement|6": sleep.Unscored,
	"unscored": sleep.Unscored, "unscored|9": sleep.Unscored, "indeterminant": sleep.Unscored,
}

// profusion is what Profusion's numbers mean; all others are unscored.
var profusion = map[string]sleep.Stage{"0": sleep.W, "1": sleep.N1, "2": sleep.N2, "3": sleep.N3, "4": sleep.N3, "5": sleep.R}

// rootOf finds the first element of a beginning of XML.
func rootOf(s string) string {
	d := decoder(strings.NewReader(s))
	for {
		t, err := d.RawToken()
		if err != nil {
			return ""
		}
		if e, ok := t.(xml.StartElement); ok {
			return e.Name.Local
		}
	}
}

// decoder reads XML strictly and knows no entities but XML's own five.
func decoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		switch strings.ToLower(charset) {
		case "utf-8", "us-ascii", "ascii", "utf-16": // a mark has said UTF-16 before, and it was decoded
			return in, nil
		case "iso-8859-1", "latin1":
			return charmap.ISO8859_1.NewDecoder().Reader(in), nil
		case "windows-1252":
			return charmap.Windows1252.NewDecoder().Reader(in), nil
		}
		return nil, fault.New("annot-charset", "", "the character set %.40q is not known", charset)
	}
	return d
}

// readXML walks either dialect, one element at a time.
func readXML(r io.Reader, kind string) (Scoring, fault.List, error) {
	x := &xmlScoring{kind: kind, s: Scoring{Dialect: kind, Header: edf.Header{StartTime: -1}}}
	d := decoder(r)
	var path []string
	var body strings.Builder
	for {
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return x.s, nil, fault.Wrap("annot-xml", "", err).At(lineOf(d)).WithHint("the file is damaged or was cut off")
		}
		switch t := t.(type) {
		case xml.StartElement:
			if path = append(path, t.Name.Local); len(path) > maxDepth {
				return x.s, nil, fault.New("annot-depth", "", "elements nested more than %d deep", maxDepth).At(lineOf(d))
			}
			body.Reset()
		case xml.CharData:
			if body.Len()+len(t) <= maxText {
				body.Write(t)
			}
		case xml.EndElement:
			if err := x.end(path, strings.TrimSpace(body.String()), lineOf(d)); err != nil {
				return x.s, nil, err
			}
			path = path[:len(path)-1]
			body.Reset()
		}
	}
	if len(x.s.Stages) == 0 && x.problems.Err() == nil {
		x.problems.Addf("annot-no-stages", "", "the file has no stages")
	}
	return x.s, x.problems.Warnings(), x.problems.Err()
}

func lineOf(d *xml.Decoder) int {
	line, _ := d.InputPos()
	return line
}

type xmlScoring struct {
	kind     string
	s        Scoring
	problems fault.List
	event    struct{ kind, concept, start, duration, clock string }
	epochs   int
}

// end is called at the end of each element, with the path to it.
func (x *xmlScoring) end(path []string, body string, line int) error {
	name, parent := path[len(path)-1], ""
	if len(path) > 1 {
		parent = path[len(path)-2]
	}
	switch {
	case name == "EpochLength" && len(path) == 2:
		if d, ok := decimal(body); ok && d >= sleep.MinEpoch && d <= sleep.MaxEpoch {
			x.s.Epoch = d
		} else {
			x.problem("annot-epoch", line, "%.40q is not the length of an epoch", body)
		}
	case parent == "ScoredEvent":
		switch name {
		case "EventType":
			x.event.kind = body
		case "EventConcept", "Name":
			x.event.concept = body
		case "Start":
			x.event.start = body
		case "Duration":
			x.event.duration = body
		case "ClockTime":
			x.event.clock = body
		}
	case name == "ScoredEvent":
		err := x.scored(line)
		x.event.kind, x.event.concept, x.event.start, x.event.duration, x.event.clock = "", "", "", "", ""
		return err
	case name == "SleepStage" && x.kind == "profusion":
		return x.epoch(body, line)
	}
	return nil
}

// scored takes one event.
func (x *xmlScoring) scored(line int) error {
	e := x.event
	if strings.EqualFold(e.concept, "Recording Start Time") {
		if words := strings.Fields(e.clock); len(words) > 0 {
			if t, ok := clock(words[len(words)-1]); ok {
				x.s.Header.StartTime = t
			}
		}
		return nil
	}
	at, ok := decimal(e.start)
	length, ok2 := decimal(e.duration)
	if !ok || !ok2 || length < 0 {
		x.problem("annot-event", line, "an event from %.20q for %.20q", e.start, e.duration)
		return nil
	}
	stages := nsrr
	if x.kind != "nsrr" || e.kind != "" && !strings.HasPrefix(strings.ToLower(e.kind), "stages") {
		stages = nil // an arousal called “Wake” is none
	}
	return x.s.add(at, length, e.concept, stages)
}

// epoch takes one of Profusion's stages.
func (x *xmlScoring) epoch(body string, line int) error {
	if x.epochs++; x.epochs > maxEvents {
		return fault.New("annot-many", "", "more than %d epochs", maxEvents).At(line)
	}
	length := x.s.Epoch
	if length == 0 {
		length = 30 * time.Second
	}
	stage, ok := profusion[body]
	if !ok && !isNumber(body) {
		x.problem("annot-stage", line, "%.40q is no stage", body)
	}
	a := edf.Annotation{Onset: time.Duration(x.epochs-1) * length, Duration: length, HasDuration: true, Text: stage.String()}
	x.s.Stages = append(x.s.Stages, a)
	return nil
}

func (x *xmlScoring) problem(code fault.Code, line int, format string, args ...any) {
	if len(x.problems) < 20 {
		x.problems.Addf(code, "", format, args...).At(line)
	}
}

// decimal reads seconds, also negative ones and with an exponent.
func decimal(s string) (time.Duration, bool) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(v) < 1e7) || strings.ContainsAny(s, "xXpP_") {
		return 0, false
	}
	return time.Duration(math.Round(v * 1e9)), true
}

// clock reads 22.30.00 and 22:30:00.
func clock(s string) (time.Duration, bool) {
	t, err := time.Parse("15.04.05", strings.ReplaceAll(s, ":", "."))
	if err != nil {
		return 0, false
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second, true
}
