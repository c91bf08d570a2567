package annot

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"dvala/edf"
	"dvala/fault"
	"dvala/sleep"
)

// words are what lists and events call a stage, in lower case.
var words = map[string]sleep.Stage{
	"w": sleep.W, "wake": sleep.W, "awake": sleep.W, "sleep stage w": sleep.W, "stage w": sleep.W,
	"n1": sleep.N1, "s1": sleep.N1, "nrem1": sleep.N1, "stage 1": sleep.N1, "sleep stage 1": sleep.N1, "sleep stage n1": sleep.N1,
	"n2": sleep.N2, "s2": sleep.N2, "nrem2": sleep.N2, "stage 2": sleep.N2, "sleep stage 2": sleep.N2, "sleep stage n2": sleep.N2,
	"n3": sleep.N3, "s3": sleep.N3, "nrem3": sleep.N3, "stage 3": sleep.N3, "sleep stage 3": sleep.N3, "sleep stage n3": sleep.N3,
	"n4": sleep.N3, "s4": sleep.N3, "nrem4": sleep.N3, "stage 4": sleep.N3, "sleep stage 4": sleep.N3,
	"r": sleep.R, "rem": sleep.R, "stage r": sleep.R, "sleep stage r": sleep.R,
	"l": sleep.Light, "s": sleep.Asleep,
	"?": sleep.Unscored, "unscored": sleep.Unscored, "unknown": sleep.Unscored, "art": sleep.Unscored, "uns": sleep.Unscored,
	"mt": sleep.Unscored, "movement": sleep.Unscored, "sleep stage ?": sleep.Unscored,
}

// AASM is the numbers of YASA and of most lists since 2007; RK those of
// Rechtschaffen and Kales, whose 4 is deep and whose 5 is REM.
func AASM() map[string]sleep.Stage {
	return map[string]sleep.Stage{"-2": sleep.Unscored, "-1": sleep.Unscored, "0": sleep.W, "1": sleep.N1, "2": sleep.N2, "3": sleep.N3, "4": sleep.R}
}

// RK: see AASM.
func RK() map[string]sleep.Stage {
	return map[string]sleep.Stage{
		"-1": sleep.Unscored, "0": sleep.W, "1": sleep.N1, "2": sleep.N2, "3": sleep.N3, "4": sleep.N3, "5": sleep.R,
		"6": sleep.Unscored, "9": sleep.Unscored,
	}
}

func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return s != "" && len(s) < 4 && strings.Trim(s, "0123456789") == ""
}

// readList reads one stage a line; lines that begin with # are remarks, and an
// empty line is skipped.
func readList(r io.Reader, o Options) (Scoring, fault.List, error) {
	s := Scoring{Dialect: "list", Header: edf.Header{StartTime: -1}, Epoch: o.Epoch}
	if s.Epoch == 0 {
		s.Epoch = 30 * time.Second
	}
	var l fault.List
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	n := 0
	for line := 1; in.Scan(); line++ {
		word := strings.TrimSpace(in.Text())
		if word == "" || strings.HasPrefix(word, "#") {
			continue
		}
		stage, ok := words[fold(word)]
		if isNumber(word) {
			if o.Numbers == nil {
				return s, nil, fault.New("annot-numbers", "", "the stages are numbers, and lists disagree on what 3, 4 and 5 mean").At(line).
					WithHint("say which: aasm (3 is N3, 4 is REM) or rk (3 and 4 are N3, 5 is REM)")
			}
			stage, ok = o.Numbers[word]
		}
		if !ok {
			if len(l) < 20 {
				l.Addf("annot-stage", "", "%.40q is no stage", word).At(line)
			}
			continue
		}
		if n++; n > maxEvents {
			return s, nil, fault.New("annot-many", "", "more than %d epochs", maxEvents).At(line)
		}
		at := time.Duration(n-1) * s.Epoch
		s.Stages = append(s.Stages, edf.Annotation{Onset: at, Duration: s.Epoch, HasDuration: true, Text: stage.String()})
	}
	if err := in.Err(); err != nil {
		return s, nil, fault.Wrap("annot-read", fmt.Sprintf("after epoch %d", n), err)
	}
	return s, nil, l.Err()
}
