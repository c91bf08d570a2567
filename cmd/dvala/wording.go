package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"dvala/fault"
	"dvala/instrument"
	"dvala/study"
	"dvala/ui/person"
)

// maxWording is the greatest length of a wording file.
const maxWording = 1 << 20

// wordingOf is whose text a wording is, in which language.
type wordingOf struct {
	id            instrument.ID
	version, lang string
}

// wordings are the loaded texts of a trial's instruments.
type wordings map[wordingOf]*instrument.Wording

// Of gives the text of an instrument in a language.
func (w wordings) Of(id instrument.ID, version, lang string) (*instrument.Wording, bool) {
	t, ok := w[wordingOf{id, version, lang}]
	return t, ok
}

// loadWordings reads the wording files of a folder for the instruments of a
// trial. A file that is wrong stops the server: nobody is to be shown another
// text than the one that was meant. What is of instruments that the trial does
// not use is left alone, and told.
func loadWordings(dir string, s *study.State, told io.Writer) (wordings, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.y*ml"))
	if err != nil {
		return nil, fault.Wrap("file-unreadable", dir, err)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return nil, fault.New("wording-none", dir, "there is no wording file here").WithHint("a wording file ends in .yaml; doc/formats/wording.md tells its form")
	}
	out, from := wordings{}, map[wordingOf]string{}
	var problems fault.List
	for _, name := range names {
		w, err := loadWording(name, s)
		switch {
		case err != nil:
			problems.Merge("wording", filepath.Base(name), err)
			continue
		case w == nil:
			fmt.Fprintf(told, "%s: of an instrument that this trial does not use\n", name)
			continue
		}
		of := wordingOf{w.Instrument, w.Version, w.Language}
		if first, twice := from[of]; twice {
			problems.Addf("wording-twice", filepath.Base(name), "%s has the same instrument in the same language", first)
			continue
		}
		out[of], from[of] = w, filepath.Base(name)
		if !w.Validated {
			fmt.Fprintf(told, "%s: does not say that it is the validated text; the form will say so, too\n", name)
		}
	}
	return out, problems.Err()
}

func loadWording(name string, s *study.State) (*instrument.Wording, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, openFault(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxWording+1))
	if err != nil {
		return nil, fault.Wrap("file-unreadable", "", err)
	}
	if len(b) > maxWording {
		return nil, fault.New("file-large", "", "more than %d MB", maxWording>>20)
	}
	var head struct {
		Instrument string `yaml:"instrument"`
	}
	if err := yaml.Unmarshal(b, &head); err != nil {
		return nil, fault.Wrap("wording-form", "", err)
	}
	id := instrument.ID(strings.TrimSpace(head.Instrument))
	if !s.Has(id) {
		if _, known := instrument.ByID(id); known {
			return nil, nil
		}
	}
	d, ok := s.Instrument(id, "")
	if !ok {
		return nil, fault.New("wording-of", "instrument", "there is no instrument %.40q", id)
	}
	return instrument.ParseWording(b, d)
}

// speak gives the participant's pages the wording there is.
func (d *servedDesk) speak(mine *person.Options) error {
	if d.wording == "" {
		return nil
	}
	var loaded wordings
	var err error
	d.trial.View(func(s *study.State) { loaded, err = loadWordings(d.wording, s, d.told) })
	mine.Wording = loaded.Of
	return err
}
