// Package sleepasandroid reads the backup of the app Sleep as Android:
// sleep-export.csv, bare or inside sleep-export.zip.
//
// Every sleep is two or three rows: headings of its own, values, and for
// tracked sleeps the noise under the same headings.
//
//	Id,Tz,From,To,Sched,Hours,Rating,Comment,…,Cycles,DeepSleep,LenAdjust,Geo,"22:15","22:20",…,"Event","Event",…
//	"1795382100000","Europe/Stockholm","22. 11. 2026 22:15","23. 11. 2026 6:15",…,"8.000",…,"LIGHT_START-1795382400000","HR-1795382460000-61.0",…
//	"","","","","","","","","","","","","","","","0.0","0.01",…
//
// Columns have come and gone with the app's versions, so each is found by its
// heading, and each sleep by its own headings. The start is the Id, in
// milliseconds since 1970, and the end lies Hours after it: From and To are
// clock times in the phone's own way of writing, which a change of clocks makes
// ambiguous. They serve where an Id is no time.
//
// Events tell the phases: LIGHT L, DEEP N3, REM R, AWAKE W, each with START and
// END. A phase ends where another begins; being awake is laid over the others.
// What no phase covers is unscored. The app infers phases from movement of a
// phone or a watch; how far to trust that is not for this package. A sleep
// without phases has stated totals and no hypnogram.
package sleepasandroid

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/wearable"
	"dvala/wearable/archive"
	"dvala/wearable/session"
	"dvala/wearable/table"
)

const (
	long       = 3 * time.Hour
	maxColumns = 100_000 // a week of movement by the minute is a tenth of it
)

// Recognise says whether a file is a sleep-export.csv by its first headings, or
// a zip of one by its name or that of its first file.
func Recognise(head []byte, name string) bool {
	if archive.IsZip(head) {
		return strings.HasSuffix(strings.ToLower(name), "sleep-export.zip") || bytes.Contains(head[:min(len(head), 256)], []byte("sleep-export.csv"))
	}
	line, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("\n"))
	plain := strings.ReplaceAll(string(line), `"`, "")
	return strings.HasPrefix(plain, "Id,Tz,From,To,") || strings.HasPrefix(plain, "Id;Tz;From;To;")
}

// Read reads every sleep-export.csv among the files of a backup. Backups of
// different days hold the same sleeps under the same Ids, and the file read
// later counts.
func Read(files []archive.File, opt session.Options) (wearable.Result, error) {
	in, err := begin(opt)
	if err != nil {
		return wearable.Result{}, err
	}
	found := false
	for _, f := range files {
		head, err := f.Head()
		if err != nil {
			return wearable.Result{}, err
		}
		if archive.IsZip(head) || !Recognise(head, f.Name) {
			continue
		}
		found = true
		r, err := f.Open()
		if err != nil {
			return wearable.Result{}, fault.Wrap("archive-open", f.Name, err)
		}
		err = in.file(r)
		r.Close()
		if err != nil {
			return wearable.Result{}, err
		}
	}
	if !found {
		return wearable.Result{}, fault.New("sleepasandroid-none", "", "no sleep-export.csv among %d files", len(files)).
			WithHint("in the app: Backup, Export data")
	}
	return in.nights(opt), nil
}

// ReadCSV reads a sleep-export.csv to its end.
func ReadCSV(r io.Reader, opt session.Options) (wearable.Result, error) {
	in, err := begin(opt)
	if err != nil {
		return wearable.Result{}, err
	}
	if err := in.file(r); err != nil {
		return wearable.Result{}, err
	}
	return in.nights(opt), nil
}

func begin(opt session.Options) (*reader, error) {
	zone, err := opt.Location()
	return &reader{report: session.Report{Vendor: "sleepasandroid"}, wall: session.Wall{Zone: zone}, zone: zone}, err
}

func (in *reader) nights(opt session.Options) wearable.Result {
	in.wall.Warn(&in.report)
	return session.Nights(in.report, opt)
}

// file reads the sleeps of one file.
func (in *reader) file(r io.Reader) error {
	rows, err := open(r)
	if err != nil {
		return err
	}
	var heading []string
	used := false // the values under the heading have been read
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fault.New("sleepasandroid-form", "", "%v", err)
		}
		line, _ := rows.FieldPos(0)
		switch {
		case len(row) > maxColumns:
			return fault.New("sleepasandroid-form", "", "a row of %d columns", len(row)).At(line)
		case strings.TrimSpace(row[0]) == "Id":
			heading, used = append(heading[:0], row...), false
		case heading == nil:
			return fault.New("sleepasandroid-form", "", "the file does not begin with the heading Id").At(line)
		case !used:
			used = true
			in.sleep(entry{heading, row, line})
		}
	}
	if heading == nil {
		return fault.New("sleepasandroid-empty", "", "no rows")
	}
	return nil
}

// open gives the rows of a table parted by commas, or by semicolons where a
// spreadsheet has saved it.
func open(r io.Reader) (*csv.Reader, error) {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3) // they are there
	}
	head, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fault.Wrap("sleepasandroid-read", "", err)
	}
	rows := csv.NewReader(b)
	if bytes.HasPrefix(head, []byte("Id;")) || bytes.HasPrefix(head, []byte(`"Id"`)) && semicolon(b) {
		rows.Comma = ';'
	}
	rows.FieldsPerRecord = -1
	rows.LazyQuotes = true
	return rows, nil
}

func semicolon(b *bufio.Reader) bool {
	head, _ := b.Peek(5)
	return len(head) == 5 && head[4] == ';'
}

// entry is one sleep: values under headings.
type entry struct {
	heading, values []string
	line            int
}

// text gives the value under a heading.
func (e entry) text(name string) string {
	for i, h := range e.heading {
		if i < len(e.values) && strings.TrimSpace(h) == name {
			return strings.TrimSpace(e.values[i])
		}
	}
	return ""
}

type reader struct {
	report session.Report
	wall   session.Wall
	zone   *time.Location // given; nil: the record's own
}

// sleep takes one sleep.
func (in *reader) sleep(e entry) {
	place := "sleep " + e.text("Id")
	wall := in.wall
	if in.zone == nil {
		if zone, err := civil.Zone(e.text("Tz")); err == nil {
			wall.Zone = zone
		}
	}
	start, ok := in.start(e, &wall)
	if !ok {
		in.report.Problems.Addf("sleepasandroid-time", place, "neither Id %.30q nor From %.30q is a time", e.text("Id"), e.text("From")).
			At(e.line).WithHint("the record is left out").AsWarning()
		return
	}
	s := session.Session{Record: e.text("Id"), Start: start}
	if s.Record == "" {
		s.Record = fmt.Sprintf("line %d", e.line)
	}
	hours := table.Number(e.text("Hours"))
	if hours != nil && *hours > 0 && *hours < 48 {
		s.End = start.Add(time.Duration(*hours * float64(time.Hour))).Round(time.Second)
	} else if to, ok := wall.Read(spaceless(e.text("To")), start); ok && to.After(start) {
		s.End = to
	} else {
		in.report.Problems.Addf("sleepasandroid-time", place, "neither Hours %.30q nor To %.30q tells the end", e.text("Hours"), e.text("To")).
			At(e.line).WithHint("the record is left out").AsWarning()
		return
	}
	in.wall.Guessed = in.wall.Guessed || wall.Guessed
	if s.End.Sub(s.Start) > long {
		s.Kind = wearable.Long
	}
	in.phases(&s, e, place)
	minutes := s.End.Sub(s.Start).Minutes()
	s.Stated.TIBMin = &minutes
	if len(s.Spans) == 0 {
		asleep := minutes
		// The app writes −1.0 for "entered by hand" and −1 for a minute less.
		if adjust := table.Number(e.text("LenAdjust")); adjust != nil && e.text("LenAdjust") != "-1.0" && *adjust > -minutes && *adjust <= 0 {
			asleep += *adjust
		}
		s.Stated.TSTMin = &asleep
		s.Rank = -1
	}
	in.report.Sessions = append(in.report.Sessions, s)
}

// start gives the start: by the Id, else by the clock.
func (in *reader) start(e entry, wall *session.Wall) (time.Time, bool) {
	if ms, ok := milliseconds(e.text("Id")); ok {
		zone := wall.Zone
		if zone == nil {
			zone, wall.Guessed = time.UTC, true
		}
		return ms.In(zone), true
	}
	return wall.Read(spaceless(e.text("From")), time.Time{})
}

// milliseconds reads an instant of this century.
func milliseconds(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	t := time.UnixMilli(n)
	return t, err == nil && n > 946_684_800_000 && n < 32_000_000_000_000
}

// spaceless makes 22. 11. 2026 6:15 of the form that is read elsewhere.
func spaceless(s string) string { return strings.ReplaceAll(s, ". ", ".") }
