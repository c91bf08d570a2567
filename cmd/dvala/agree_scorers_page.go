package main

import (
	"fmt"
	"io"
	"strings"

	"dvala/report/figure"
)

// scorersHTML writes one page: how far the scorers agree with each other, each with
// each, each with the consensus of all, and night by night.
func scorersHTML(w io.Writer, r scorersReport) error {
	page := nightPage{Title: "Agreement of several scorers"}
	page.Lead = []string{
		fmt.Sprintf("%s scorers, %s that all scored, classes %s.", figure.Int(len(r.Scorers)), plural(len(r.Nights), "night"), r.Scheme),
		fmt.Sprintf("Two of them agree with a kappa of %s in the mean of nights; Fleiss' kappa of all is %s.", rateCell(&r.Pairwise), rateCell(r.Fleiss)),
	}
	page.Sections = []nightSection{r.togetherSection(), r.consensusSection(), r.nightsSection()}
	return page.write(w)
}

// short names a scorer by a letter, for the heads of narrow columns.
func (r scorersReport) short(k int) string {
	if k < 26 {
		return string(rune('A' + k))
	}
	return figure.Int(k + 1)
}

// labels are the scorers' names without what all of them have in front and behind,
// cut where parts of a path end; whole, where that leaves one with nothing.
func (r scorersReport) labels() []string {
	front, back := len(r.Scorers[0]), len(r.Scorers[0])
	for _, name := range r.Scorers[1:] {
		f, b := 0, 0
		for f < min(len(name), front) && name[f] == r.Scorers[0][f] {
			f++
		}
		for b < min(len(name), back) && name[len(name)-1-b] == r.Scorers[0][len(r.Scorers[0])-1-b] {
			b++
		}
		front, back = f, b
	}
	front = strings.LastIndexByte(r.Scorers[0][:front], '/') + 1
	tail := r.Scorers[0][len(r.Scorers[0])-back:]
	if at := strings.IndexAny(tail, "/."); at >= 0 {
		back = len(tail) - at
	} else {
		back = 0
	}
	out := make([]string, len(r.Scorers))
	for i, name := range r.Scorers {
		if len(name) <= front+back {
			return r.Scorers
		}
		out[i] = name[front : len(name)-back]
	}
	return out
}

// togetherSection is how far they agree with each other.
func (r scorersReport) togetherSection() nightSection {
	all := nightTable{
		Caption: "All scorers, mean of nights",
		Head:    []string{"", "Kappa"},
		Rows: [][]nightCell{
			cells("mean of every two, over epochs that the two scored", rateCell(&r.Pairwise)),
			cells("mean of every two, over epochs that all scored", rateCell(&r.Listwise)),
			cells("Fleiss' kappa, over epochs that all scored", rateCell(r.Fleiss)),
		},
	}
	two := nightTable{Caption: "Kappa of every two scorers, over epochs that the two scored, mean of nights", Head: []string{"Scorer"}}
	for i, name := range r.labels() {
		two.Head = append(two.Head, r.short(i))
		row := cells(r.short(i) + "  " + name)
		for j := range r.Scorers {
			row = append(row, nightCell{Text: rateCell(r.Pairs[i][j])})
		}
		two.Rows = append(two.Rows, row)
	}
	return nightSection{ID: "together", Title: "With each other", Tables: []nightTable{all, two}}
}

// consensusSection is each scorer beside the consensus of all.
func (r scorersReport) consensusSection() nightSection {
	ties, epochs := 0, 0
	for _, n := range r.Nights {
		ties += n.Ties
		epochs += n.Consensus.Len()
	}
	s := nightSection{ID: "consensus", Title: "With the consensus of all", Grid: true, Broad: true}
	s.Text = []string{fmt.Sprintf("The consensus is the most frequent stage of an epoch. Of a tie (%s of %s epochs) it is the stage of the tied scorer who agrees best with the others that night. "+
		"Each scorer has a vote in the consensus that she is compared with, so these kappas are higher than those of two.", figure.Int(ties), figure.Int(epochs))}
	t := nightTable{Caption: "Kappa with the consensus, mean of nights", Head: []string{"Scorer", "Kappa", "Nights"}}
	labels := r.labels()
	for k, a := range r.Against {
		t.Rows = append(t.Rows, cells(r.short(k)+"  "+labels[k], rateCell(a.NightMean), figure.Int(a.Nights)))
		s.Pictures = append(s.Pictures, matrixPicture(fmt.Sprintf("errors-%d", k+1), "Scorer "+r.short(k)+" against the consensus", "scorer "+r.short(k), "consensus", r.Classes, r.Matrices[k]))
	}
	s.Tables = []nightTable{t}
	return s
}

// nightsSection is a row a night.
func (r scorersReport) nightsSection() nightSection {
	t := nightTable{Caption: "Each night by itself", Head: []string{"Night", "Mean kappa of two", "over epochs all scored", "Fleiss' kappa", "Epochs that all scored", "Ties"}}
	for _, n := range r.Nights {
		t.Rows = append(t.Rows, cells(n.Night, rateCell(n.Pairwise), rateCell(n.Listwise), rateCell(n.Fleiss), figure.Int(n.Epochs), figure.Int(n.Ties)))
	}
	return nightSection{ID: "nights", Title: "The nights", Tables: []nightTable{t}}
}
