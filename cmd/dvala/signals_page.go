package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"dvala/report/figure"
)

// signalsHTML writes one page: for each channel its spectrogram, above the
// hypnogram where there is one, and then its tables; and the heart.
func signalsHTML(w io.Writer, r signalsReport) error {
	page := nightPage{Title: filepath.Base(r.File)}
	for i, c := range r.Channels {
		page.Sections = append(page.Sections, r.channelSection("channel-"+strconv.Itoa(i+1), c))
	}
	if r.HeartLabel != "" {
		page.Sections = append(page.Sections, nightSection{ID: "heart", Title: "Heart", Tables: []nightTable{r.heartTable().page()}})
	}
	return page.write(w)
}

func (r signalsReport) channelSection(id string, c channelReport) nightSection {
	s := figure.Spectrogram{
		Title: "Spectrogram, " + c.Label, Channel: c.Label, Hours: r.Hypnogram.Duration().Hours(),
		Offset: -r.OffsetS / 3600, Seconds: c.spectrogram.Seconds, Step: c.spectrogram.Step, Density: c.spectrogram.Columns,
	}
	if r.Hypnogram.IsEmpty() {
		s.Hours, s.Offset = float64(len(s.Density))*s.Seconds/3600, 0
	}
	pic := figure.Panel{
		ID: id, Title: c.Label + " through the night", Spectrograms: []figure.Spectrogram{s},
		Night: figure.Hypnogram{Title: "Hypnogram", Night: r.Hypnogram, Cycles: true},
	}
	out := nightSection{ID: id + "-of-the-night", Title: c.Label, Text: []string{fmt.Sprintf("%g Hz; %s.", c.RateHz, c.artefactText())}}
	out.Pictures = []nightPicture{{Title: pic.Title, Wide: inlined(pic.SVG()), Tables: []nightTable{tableOf(s.Table())}}}
	for _, t := range c.tables() {
		out.After = append(out.After, t.page())
	}
	return out
}

// page is the table for a page.
func (t signalTable) page() nightTable {
	return tableOf(figure.Table{Caption: t.title, Head: t.head, Rows: t.rows})
}
