package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"dvala/civil"
	"dvala/custody"
	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
)

// LabelsCmd prints what is stuck on boxes and kits, for whoever packs them: a
// page of labels that says nothing about what is in them, and, with the packer's
// key, the packing sheet in sealed order that does.
type LabelsCmd struct {
	Protocol string     `arg:"" type:"path" help:"The protocol file."`
	Sealed   []string   `default:"sealed-list.dvl" type:"path" placeholder:"FILE" help:"The sealed list, and all that extend it. (${default})"`
	Slots    []int      `placeholder:"N" help:"Only the kits of these slots; all of them unless said."`
	From     civil.Date `placeholder:"DATE" help:"The day of randomisation, if it is known: labels then say dates in the place of days."`
	Lang     string     `default:"en" enum:"en,sv" help:"The labels' language: en or sv. (${default})"`
	Out      string     `short:"o" default:"labels.html" type:"path" placeholder:"FILE" help:"Where to write the labels. (${default})"`
	Key      string     `type:"path" placeholder:"FILE" help:"For the packer: her key, to write the packing sheet as well."`
	Packing  []string   `default:"packing-list.age" type:"path" placeholder:"FILE" help:"With --key: the packing list, and those of all that extend the list. (${default})"`
	Sheet    string     `default:"packing-sheet.html" type:"path" placeholder:"FILE" help:"With --key: where to write the sheet. (${default})"`
}

// Run writes the pages.
func (cmd *LabelsCmd) Run(p *Program) error {
	file, err := parseProtocol(cmd.Protocol)
	if err != nil {
		return err
	}
	if file.checked.IsZero() {
		return file.problems.Errors()
	}
	l, err := readLists(cmd.Sealed...)
	if err != nil {
		return err
	}
	if l.Header().Trial != file.checked.ID() {
		return fault.New("sealed-protocol", "header", "the list is of %s, and the protocol of %s", l.Header().Trial, file.checked.ID()).In(cmd.Sealed[0])
	}
	boxes, err := boxesOf(file.checked, l, cmd.Slots, cmd.From, cmd.Lang)
	if err != nil {
		return err
	}
	page, err := labelsPage(file.checked, boxes, cmd.Lang, nil)
	if err != nil {
		return err
	}
	if err := writeNew(cmd.Out, page, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "%s: %s to print; none says what is in its kit\n", cmd.Out, counted(len(boxes), "label"))
	if cmd.Key == "" {
		return nil
	}
	return cmd.sheet(p, file.checked, boxes)
}

// sheet writes what goes into each box, in the order of the list, for the packer
// alone.
func (cmd *LabelsCmd) sheet(p *Program, c protocol.Checked, boxes []box) error {
	k, err := readKey(cmd.Key)
	if err != nil {
		return err
	}
	contents := map[string]string{}
	for _, path := range cmd.Packing {
		raw, err := readWhole(path, seal.MaxFile)
		if err != nil {
			return err
		}
		kits, err := custody.ReadPacking(k, raw)
		if err != nil {
			return inFile(path, err)
		}
		for _, kit := range kits {
			contents[kit.Number] = kit.Arm
		}
	}
	page, err := labelsPage(c, boxes, cmd.Lang, contents)
	if err != nil {
		return err
	}
	if err := writeNew(cmd.Sheet, page, 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%s: what goes into each, for you alone. Print it, pack, put it into an envelope and seal that; then delete the file.\n", cmd.Sheet)
	return err
}

// box is one kit as its label has it.
type box struct {
	Number   string
	Slot     int
	Cell     string
	Visit    string
	Place    int    // in its slot's chain of this visit, from 1; a spare is from 2 on
	Period   int    // in which it is taken; 0 in a trial of one period
	Of       int    // periods
	When     string // days, or dates
	Contents string // on the packing sheet alone
}

// boxesOf gives the kits of a list in sealed order.
func boxesOf(c protocol.Checked, l *seal.List, only []int, from civil.Date, lang string) ([]box, error) {
	var out []box
	d := c.Protocol().Design
	for i := range l.Len() {
		if len(only) > 0 && !slices.Contains(only, i) {
			continue
		}
		s, _ := l.Slot(i)
		nth := map[string]int{}
		for _, k := range l.Chain(i) {
			v, ok := c.Visit(k.Visit)
			if !ok {
				return nil, fault.New("sealed-protocol", fmt.Sprintf("slot %d", i), "has a kit for the visit %q, which the protocol does not have", k.Visit)
			}
			nth[k.Visit]++
			b := box{Number: k.Number, Slot: i, Cell: s.Cell, Visit: v.Label.In(protocol.Language(lang)), Place: nth[k.Visit], Of: d.Periods}
			first, last := v.Day, lastDayOf(c, v)
			if d.Periods > 1 {
				b.Period = max(v.Period, 1)
				first = c.PeriodStart(b.Period)
			}
			b.When = span(from, first, last, lang)
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		return nil, fault.New("no-kits", "visits", "nothing is handed out in this trial, or no such slot is on the list")
	}
	slices.SortStableFunc(out, func(a, b box) int { return cmp.Or(cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.Period, b.Period)) })
	return out, nil
}

// lastDayOf gives the last day on which what is handed out at a visit is taken:
// the day before the next handing out of the same period, or its last.
func lastDayOf(c protocol.Checked, v protocol.Visit) int {
	last := c.PeriodStart(max(v.Period, 1)) + c.Protocol().Design.TreatmentDays - 1
	for _, w := range c.Protocol().Visits {
		if w.Dispense && w.Day > v.Day {
			last = min(last, w.Day-1)
		}
	}
	return last
}

func span(from civil.Date, first, last int, lang string) string {
	if !from.IsZero() {
		return from.Add(first).String() + " – " + from.Add(last).String()
	}
	day := "days "
	if lang == "sv" {
		day = "dag "
	}
	return day + strconv.Itoa(first+1) + "–" + strconv.Itoa(last+1)
}

//go:embed labels.html
var labelsTemplate string

// labelsPage makes the page of labels, or, with contents, the packing sheet.
func labelsPage(c protocol.Checked, boxes []box, lang string, contents map[string]string) ([]byte, error) {
	t, err := template.New("labels").Funcs(template.FuncMap{"bars": func(number string) (template.HTML, error) {
		svg, err := barcode(strings.ReplaceAll(number, "-", ""))
		return template.HTML(svg), err //nolint:gosec // made of numbers by barcode
	}}).Parse(labelsTemplate)
	if err != nil {
		return nil, fault.Wrap("labels-page", "labels.html", err)
	}
	p := c.Protocol()
	data := struct {
		Trial, Title, Lang, Dose, Contact string
		Words                             map[string]string
		Boxes                             []box
		Sheet                             bool
		Arms                              []string
	}{Trial: p.ID, Title: p.Title, Lang: lang, Words: labelWords[lang], Boxes: slices.Clone(boxes), Sheet: contents != nil, Contact: p.Safety.Contact.In(protocol.Language(lang))}
	if p.Dose != nil {
		data.Dose = fmt.Sprintf("%d %s. %s", p.Dose.PerDay, p.Dose.Unit, p.Dose.When.In(protocol.Language(lang)))
	}
	if contents != nil {
		for i, b := range data.Boxes {
			arm, ok := contents[b.Number]
			if !ok {
				return nil, fault.New("packing-list", "kit "+b.Number, "is not on the packing list").WithHint("give the packing lists of all files of the list")
			}
			a, _ := c.Arm(arm)
			data.Boxes[i].Contents = a.Label.In(protocol.Language(lang)) + ": " + a.Intervention
		}
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, fault.Wrap("labels-page", "labels.html", err)
	}
	return b.Bytes(), nil
}

var labelWords = map[string]map[string]string{
	"en": {
		"title": "Labels", "sheet": "Packing sheet", "box": "Box", "of": "of", "spare": "spare", "slot": "set", "kit": "kit",
		"study": "For the trial only. Keep out of the reach of children.", "print": "Print, cut, and stick one on each box.",
		"secret": "For whoever packs, and nobody else. Pack from the top, tick each box, put this sheet into an envelope, seal it and sign across the flap.",
		"into":   "What goes into it", "packed": "packed",
	},
	"sv": {
		"title": "Etiketter", "sheet": "Packlista", "box": "Ask", "of": "av", "spare": "reserv", "slot": "sats", "kit": "nummer",
		"study": "Endast för studien. Förvaras utom räckhåll för barn.", "print": "Skriv ut, klipp isär och klistra en på varje ask.",
		"secret": "Bara för den som packar. Packa uppifrån, bocka av varje ask, lägg listan i ett kuvert, försegla det och skriv namn över fliken.",
		"into":   "Vad som ska i", "packed": "packad",
	},
}

// labels writes the labels of a demonstration, and what its helper packs.
func (d *demo) labels(s custody.Sealing) error {
	if d.checked.Protocol().Design.Kind != protocol.NOf1 {
		return nil
	}
	boxes, err := boxesOf(d.checked, s.List, nil, civil.Date{}, "en")
	if err != nil {
		return err
	}
	kits, err := custody.ReadPacking(d.key, s.Packing)
	if err != nil {
		return err
	}
	contents := map[string]string{}
	for _, k := range kits {
		contents[k.Number] = k.Arm
	}
	for name, contents := range map[string]map[string]string{"labels.html": nil, filepath.Join(custodianDir, "packing-sheet.html"): contents} {
		page, err := labelsPage(d.checked, boxes, "en", contents)
		if err != nil {
			return err
		}
		if err := writeWhole(d.path(name), page); err != nil {
			return err
		}
	}
	d.say("packed     %d boxes from printed labels, by the helper", len(boxes))
	return nil
}
