package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"dvala/civil"
	"dvala/examples"
	"dvala/fault"
	"dvala/protocol"
)

// NewCmd writes a protocol to begin with, of one of the three designs.
type NewCmd struct {
	Template string     `arg:"" enum:"parallel,crossover,n-of-1" help:"parallel, crossover, or n-of-1: one person and a helper."`
	Dir      string     `arg:"" type:"path" help:"Where to write protocol.yaml; made if it is not there."`
	ID       string     `name:"id" help:"The trial's ID, which names its ledger. Without it the directory's name."`
	Title    string     `help:"Its title."`
	Question string     `help:"The question in one sentence."`
	Start    civil.Date `placeholder:"DATE" help:"The first participant's day. Without it four weeks from now."`
	Zone     string     `help:"IANA zone of the sites, as in Europe/Stockholm."`
}

// templates are the examples that the designs are shown by.
var templates = map[string]string{"parallel": "mgt-2024", "crossover": "crossover", "n-of-1": "nof1"}

// Run writes the protocol.
func (cmd *NewCmd) Run(p *Program) error {
	src, err := examples.Protocol(templates[cmd.Template])
	if err != nil {
		return err
	}
	path := filepath.Join(cmd.Dir, "protocol.yaml")
	start := cmd.Start
	if start.IsZero() {
		start = civil.DateOf(p.Now()).Add(28)
	}
	text, err := cmd.fill(string(src), start)
	if err != nil {
		return err
	}
	checked, problems := protocol.Parse([]byte(text), protocol.File(path))
	if err := problems.Err(); err != nil {
		return err
	}
	if err := os.MkdirAll(cmd.Dir, 0o755); err != nil {
		return fault.Wrap("file-unwritable", "", err).In(cmd.Dir)
	}
	if err := writeNew(path, []byte(text), 0o644); err != nil {
		return err
	}
	return cmd.tell(p, path, checked)
}

var (
	topID       = regexp.MustCompile(`(?m)^id: .*$`)
	topTitle    = regexp.MustCompile(`(?m)^title: .*\n(?:  .*\n)*`)
	topQuestion = regexp.MustCompile(`(?m)^question: .*\n(?:  .*\n)*`)
	topZone     = regexp.MustCompile(`(?m)^zone: .*\n(?:  .*\n)*`)
	topDates    = regexp.MustCompile(`(?m)^dates: \{start: (\S+), end: (\S+)\}$`)
	topRegistry = regexp.MustCompile(`(?m)^registry:(?: \[\])?\n(?:  .*\n)*`)
	firstLines  = regexp.MustCompile(`\A(?:#.*\n)+`)
)

// fill writes the trial's own words over the example's, line by line, so that
// every comment of it stays. The end of the trial moves with its beginning.
func (cmd *NewCmd) fill(text string, start civil.Date) (string, error) {
	id := cmd.ID
	if id == "" {
		abs, err := filepath.Abs(cmd.Dir)
		if err != nil {
			return "", fault.Wrap("file-unwritable", "", err).In(cmd.Dir)
		}
		id = idOf(filepath.Base(abs))
	}
	m := topDates.FindStringSubmatch(text)
	if m == nil {
		return "", fault.New("template", cmd.Template, "says nothing about dates")
	}
	began, err := civil.ParseDate(m[1])
	if err != nil {
		return "", err
	}
	ended, err := civil.ParseDate(m[2])
	if err != nil {
		return "", err
	}
	set := func(line *regexp.Regexp, to string) { text = line.ReplaceAllLiteralString(text, to) }
	set(firstLines, "# A protocol to begin with. Every line of it is an example: read it through, and\n# make it your own. Then: dvala check "+filepath.Base(cmd.Dir)+"/protocol.yaml\n")
	set(topID, "id: "+id)
	set(topDates, fmt.Sprintf("dates: {start: %v, end: %v}", start, start.Add(ended.Sub(began))))
	set(topRegistry, "registry: []\n")
	for _, x := range []struct {
		line *regexp.Regexp
		name string
		is   string
	}{{topTitle, "title", cmd.Title}, {topQuestion, "question", cmd.Question}, {topZone, "zone", cmd.Zone}} {
		if x.is != "" {
			set(x.line, fmt.Sprintf("%s: %q\n", x.name, x.is))
		}
	}
	return text, nil
}

// idOf makes an ID of a directory's name.
func idOf(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	id := strings.Trim(b.String(), "-")
	if id == "" || id[0] < 'a' {
		id = strings.Trim("trial-"+id, "-")
	}
	return id[:min(len(id), 40)]
}

func (cmd *NewCmd) tell(p *Program, path string, c protocol.Checked) error {
	next := `Then, in this order:
  dvala check %[1]s            what is wrong or weak, and what SPIRIT 2025 asks
  dvala key new                                  someone outside the team; the public half goes into the protocol
  dvala seal %[1]s             the same person: draws the list and seals it
  dvala init --protocol %[1]s --sealed sealed-list.dvl --dir DIR
`
	if cmd.Template == "n-of-1" {
		next = `Then, in this order:
  you      dvala check %[1]s   what is wrong or weak
  helper   dvala key new                         on another machine; the public half goes into the protocol
  helper   dvala seal %[1]s    draws the order of the boxes, and nobody sees it
  helper   dvala labels %[1]s --key custodian.key
                                                 labels for the boxes, and what goes into each; pack, seal the sheet away
  you      dvala init --protocol %[1]s --sealed sealed-list.dvl --dir DIR
  you      dvala serve --dir DIR                 the diary; open each box on its day
  helper   dvala open --key custodian.key --ledger ledger.dvl
                                                 after the last box, when the trial is locked
`
	}
	_, err := fmt.Fprintf(p.Stdout, "%[1]s: %[2]s, to be made your own\n\n"+next, path, designInWords(c.Protocol().Design))
	return err
}
