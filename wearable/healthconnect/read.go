package healthconnect

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"dvala/fault"
	"dvala/wearable"
)

// kind is what a record is of.
type kind uint8

const (
	unknown kind = iota
	sleepKind
	heartKind
	rmssdKind
	breathKind
	oxygenKind
	skinKind
	stepsKind
	useless // known, and of no concern here
)

// kindNamed tells the kind by the name of a class, a key or a type, in any of
// the ways in which exporters write them: SleepSessionRecord, sleep_sessions,
// androidx.health.connect.client.records.SleepSessionRecord, SLEEP_SESSION.
func kindNamed(name string) kind {
	if i := strings.LastIndexAny(name, "./$"); i >= 0 {
		name = name[i+1:]
	}
	n := strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
	n = strings.TrimSuffix(strings.TrimSuffix(n, "table"), "s")
	n = strings.TrimSuffix(strings.TrimSuffix(n, "record"), "s")
	switch n {
	case "sleepsession", "sleep", "sleepdata":
		return sleepKind
	case "heartrate", "heartrateserie":
		return heartKind
	case "heartratevariabilityrmssd", "heartratevariability", "hrvrmssd", "hrv":
		return rmssdKind
	case "respiratoryrate":
		return breathKind
	case "oxygensaturation", "bloodoxygen", "spo2":
		return oxygenKind
	case "skintemperature":
		return skinKind
	case "step":
		return stepsKind
	case "restingheartrate", "distance", "totalcaloriesburned", "activecaloriesburned", "exercisesession", "weight", "basalmetabolicrate", "floorsclimbed", "height", "bodyfat", "speed", "power":
		return useless
	}
	return unknown
}

// Recognise says whether a file is JSON that names Health Connect's records or
// the stages of sleep as it does.
func Recognise(head []byte, _ string) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(head) == 0 || head[0] != '{' && head[0] != '[' {
		return false
	}
	for _, mark := range []string{"SleepSessionRecord", "SleepSession", "sleepSession", "sleep_session", "SLEEP_SESSION", "androidx.health", "HeartRateRecord", "health_connect", "healthConnect", "STAGE_TYPE_", "startZoneOffset"} {
		if bytes.Contains(head, []byte(mark)) {
			return true
		}
	}
	return false
}

// Read reads JSON and makes nights of it.
func Read(r io.Reader, opt Options) (wearable.Result, error) {
	e, err := ReadJSON(r)
	if err != nil {
		return wearable.Result{}, err
	}
	return Nights(e, opt), nil
}

// ReadJSON reads values of JSON to the end. Lists of records are read record by
// record; what is of no concern is stepped over. Records that cannot be used
// become problems, told with the nights.
func ReadJSON(r io.Reader) (*Export, error) {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3) // they are there
	}
	in := reader{dec: json.NewDecoder(b), e: &Export{}}
	in.dec.UseNumber()
	for {
		if err := in.value(unknown, "", 0); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			if fault.CodeOf(err) != "" {
				return nil, err
			}
			return nil, fault.New("healthconnect-json", fmt.Sprintf("byte %d", in.dec.InputOffset()), "%v", err).
				WithHint("the file is not JSON, or was cut off")
		}
	}
	if in.records == 0 && in.e.bad == 0 {
		return nil, fault.New("healthconnect-empty", "", "no records of Health Connect").
			WithHint("expected are lists of SleepSessionRecord and its neighbours")
	}
	return in.e, nil
}

type reader struct {
	dec     *json.Decoder
	e       *Export
	records int
}

// maxDepth bounds lists within objects within lists.
const maxDepth = 12

// value reads one value from the stream: a record, a list of them, or an object
// that holds either under any keys.
func (in *reader) value(k kind, place string, depth int) error {
	token, err := in.dec.Token()
	if err != nil {
		return err
	}
	if depth > maxDepth {
		return fault.New("healthconnect-shape", place, "lists in lists without end")
	}
	switch token {
	case json.Delim('['):
		for i := 0; in.dec.More(); i++ {
			if err := in.value(k, fmt.Sprintf("%.60s[%d]", place, i), depth+1); err != nil {
				return within(err)
			}
		}
	case json.Delim('{'):
		return within(in.object(k, place, depth))
	default:
		return nil // a number or a text is no record
	}
	_, err = in.dec.Token() // the end
	return within(err)
}

// within makes an end in the middle of something an error.
func within(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fields are the keys of records that are read; what else a record holds is
// stepped over, or looked through for further records.
var fields = set(startNames, endNames, timeNames, startZoneNames, endZoneNames, stagesNames, idNames, appNames, modifiedNames, typeNames, metadataNames, deviceNames, samplesNames, valueNames)

// holders are keys under which a kind's records stand one level further down.
var holders = set([]string{"records", "data", "items", "list", "sessions", "results"})

func set(lists ...[]string) map[string]bool {
	out := map[string]bool{}
	for _, names := range lists {
		for _, n := range names {
			out[n] = true
		}
	}
	return out
}

// object reads the rest of an object.
func (in *reader) object(k kind, place string, depth int) error {
	rec := record{}
	for in.dec.More() {
		token, err := in.dec.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		if fields[key] {
			var raw json.RawMessage
			if err := in.dec.Decode(&raw); err != nil {
				return err
			}
			rec[key] = raw
			continue
		}
		of := kindNamed(key)
		if of == unknown && holders[key] {
			of = k
		}
		if of == useless {
			err = in.skip()
		} else {
			err = in.value(of, fmt.Sprintf("%.60s", key), depth+1)
		}
		if err != nil {
			return within(err)
		}
	}
	if _, err := in.dec.Token(); err != nil { // the end
		return err
	}
	in.take(rec, k, place)
	return nil
}

// skip steps over one value.
func (in *reader) skip() error {
	depth := 0
	for {
		token, err := in.dec.Token()
		if err != nil {
			return within(err)
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}
