package oura

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dvala/civil"
	"dvala/fault"
)

// Trailing is for how many days before the last one nights are asked for again.
const Trailing = 14

// Changes counts what an update found.
type Changes struct {
	From, To             civil.Date
	New, Corrected, Gone int
	Unchanged            int
	File                 string // written; empty if nothing was new
}

// held is the document of an id that was read last.
type held struct {
	day  civil.Date
	text string // compact
	gone bool
}

// Update fetches what is new or corrected and writes it to a new file in the
// folder. Without from it begins Trailing days before the last day that the
// folder has, or, in an empty folder, before to.
func (c *Client) Update(ctx context.Context, dir string, from, to civil.Date) (Changes, error) {
	have, last, err := readFolder(dir)
	if err != nil {
		return Changes{}, err
	}
	if from.IsZero() {
		if last.IsZero() || to.Before(last) {
			last = to
		}
		from = last.Add(-Trailing)
	}
	if to.Before(from) {
		return Changes{}, fault.New("oura-dates", "", "%v is before %v", to, from)
	}
	out := Changes{From: from, To: to}
	fresh := map[string][]json.RawMessage{}
	for _, route := range Routes {
		docs, err := c.Fetch(ctx, route, from, to)
		if err != nil {
			return Changes{}, err
		}
		fresh[route] = out.compare(route, docs, have[route])
	}
	if out.New+out.Corrected+out.Gone == 0 {
		return out, nil
	}
	b, err := file(fresh)
	if err != nil {
		return Changes{}, err
	}
	out.File = "oura-" + c.now().UTC().Format("20060102T150405.000Z") + ".json"
	if names, err := namesIn(dir); err != nil {
		return Changes{}, err
	} else if len(names) > 0 && names[len(names)-1] >= out.File {
		return Changes{}, fault.New("oura-clock", "", "the last file is of a later time than now").In(filepath.Join(dir, names[len(names)-1])).
			WithHint("set the clock right: later files count over earlier ones")
	}
	return out, writeWhole(filepath.Join(dir, out.File), b)
}

// compare gives the documents that are not held as they are, and counts.
func (ch *Changes) compare(route string, docs []json.RawMessage, have map[string]held) []json.RawMessage {
	var out []json.RawMessage
	seen := map[string]bool{}
	for _, raw := range docs {
		id, day, text := identify(raw)
		old, known := have[id]
		seen[id] = true
		switch {
		case id == "" || !known:
			ch.New++
		case old.text != text:
			ch.Corrected++
		default:
			ch.Unchanged++
			continue
		}
		if have != nil && id != "" {
			have[id] = held{day: day, text: text}
		}
		out = append(out, raw)
	}
	if route != "sleep" {
		return out
	}
	var gone []string
	for id, old := range have {
		if !seen[id] && !old.gone && !old.day.Before(ch.From) && !ch.To.Before(old.day) {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	for _, id := range gone {
		if raw, ok := deleted(have[id].text); ok {
			out = append(out, raw)
			ch.Gone++
		}
	}
	return out
}

// identify gives a document's id and day, and its text without white space and
// with its keys in order, so that only what it says is compared.
func identify(raw json.RawMessage) (id string, day civil.Date, text string) {
	var keys map[string]json.RawMessage
	if json.Unmarshal(raw, &keys) != nil {
		return "", civil.Date{}, string(raw)
	}
	_ = json.Unmarshal(keys["id"], &id) // absent or no text: none
	_ = json.Unmarshal(keys["day"], &day)
	var any any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // as they were written
	if d.Decode(&any) == nil {
		if b, err := json.Marshal(any); err == nil {
			return id, day, string(b)
		}
	}
	return id, day, string(raw)
}

// deleted gives a sleep once more, as one that the person deleted.
func deleted(text string) (json.RawMessage, bool) {
	var keys map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &keys) != nil {
		return nil, false
	}
	keys["type"] = json.RawMessage(`"deleted"`)
	b, err := json.Marshal(keys)
	return b, err == nil
}

// file lays documents out as one file, in the order of the routes.
func file(docs map[string][]json.RawMessage) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{")
	first := true
	for _, route := range Routes {
		if len(docs[route]) == 0 {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		text, err := json.Marshal(docs[route])
		if err != nil {
			return nil, fault.Wrap("oura-answer", route, err)
		}
		b.WriteString("\n\"" + route + "\": " + string(text))
	}
	b.WriteString("\n}\n")
	return b.Bytes(), nil
}

// namesIn lists the files that updates wrote, the oldest first.
func namesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fault.Wrap("oura-folder", "", err)
	}
	var out []string
	for _, e := range entries {
		if n := e.Name(); e.Type().IsRegular() && strings.HasPrefix(n, "oura-") && strings.HasSuffix(n, ".json") {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, cmp.Compare[string])
	return out, nil
}

// readFolder reads what earlier updates wrote, and the last day in it.
func readFolder(dir string) (map[string]map[string]held, civil.Date, error) {
	names, err := namesIn(dir)
	if err != nil {
		return nil, civil.Date{}, err
	}
	out, last := map[string]map[string]held{}, civil.Date{}
	for _, route := range Routes {
		out[route] = map[string]held{}
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, civil.Date{}, fault.Wrap("oura-folder", "", err).In(path)
		}
		var routes map[string][]json.RawMessage
		if err := json.Unmarshal(b, &routes); err != nil {
			return nil, civil.Date{}, fault.New("oura-folder", "", "not a file of an update: %v", err).In(path).
				WithHint("move it out of the folder")
		}
		for _, route := range Routes {
			for _, raw := range routes[route] {
				id, day, text := identify(raw)
				var kind struct{ Type string }
				_ = json.Unmarshal(raw, &kind) // of a day's document: none
				out[route][id] = held{day, text, kind.Type == "deleted"}
				if last.Before(day) && !day.IsZero() {
					last = day
				}
			}
		}
	}
	return out, last, nil
}
