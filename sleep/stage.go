package sleep

import (
	"strconv"
	"strings"

	"dvala/fault"
)

// Stage is what one epoch was scored as.
type Stage uint8

// The stages. The numbers mean nothing outside the program: write letters.
const (
	Unscored Stage = iota // not scored, or scored as movement or artefact
	W                     // wake
	N1
	N2
	N3
	R     // REM
	Light // N1 or N2
	Asleep
)

// stageCount is how many Stage values there are.
const stageCount = 8

var letters = [stageCount]string{"?", "W", "N1", "N2", "N3", "R", "L", "S"}

// Stages lists every stage in the order in which tables show them.
func Stages() []Stage { return []Stage{W, N1, N2, N3, R, Light, Asleep, Unscored} }

// String gives the letter.
func (s Stage) String() string {
	if s < stageCount {
		return letters[s]
	}
	return "Stage(" + strconv.Itoa(int(s)) + ")"
}

// IsSleep says whether the stage is any kind of sleep.
func (s Stage) IsSleep() bool { return s >= N1 && s <= Asleep }

// IsNREM says whether the stage is known to be non-REM sleep.
func (s Stage) IsNREM() bool { return s == N1 || s == N2 || s == N3 || s == Light }

// IsScored says whether the epoch was scored at all.
func (s Stage) IsScored() bool { return s > Unscored && s < stageCount }

// ParseStage reads one letter as String writes it, and no other spelling: the
// words and numbers of others are translated by the map of their format.
func ParseStage(s string) (Stage, error) {
	for i, l := range letters {
		if s == l {
			return Stage(i), nil
		}
	}
	return Unscored, fault.New("stage-letter", "", "%q is not a stage", s).
		WithHint("the stages are W N1 N2 N3 R, L for light, S for asleep without a stage, ? for unscored")
}

// MarshalText writes the letter.
func (s Stage) MarshalText() ([]byte, error) {
	if s >= stageCount {
		return nil, fault.New("stage-letter", "", "%d is not a stage", int(s))
	}
	return []byte(letters[s]), nil
}

// UnmarshalText reads what MarshalText writes.
func (s *Stage) UnmarshalText(b []byte) error {
	p, err := ParseStage(string(b))
	if err != nil {
		return err
	}
	*s = p
	return nil
}

// FormatStages writes stages as runs of a count and a letter, as in
// "24W 3N1 41N2". No stages give "".
func FormatStages(stages []Stage) string {
	var b strings.Builder
	for i := 0; i < len(stages); {
		j := i + 1
		for j < len(stages) && stages[j] == stages[i] {
			j++
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(j - i))
		b.WriteString(stages[i].String())
		i = j
	}
	return b.String()
}

// ParseStages reads what FormatStages writes, and nothing else: counts have no
// leading zero, one space parts the runs, and neighbouring runs differ. So one
// row of stages has one spelling. It makes no more than limit stages.
func ParseStages(s string, limit int) ([]Stage, error) {
	if s == "" {
		return nil, nil
	}
	var out []Stage
	last := Stage(stageCount)
	for i, run := range strings.Split(s, " ") {
		place := "run " + strconv.Itoa(i+1)
		digits := 0
		for digits < len(run) && run[digits] >= '0' && run[digits] <= '9' {
			digits++
		}
		// N1 ends in a digit but begins with none, so the count ends where the letter begins.
		n, err := strconv.Atoi(run[:digits])
		if err != nil || n < 1 || run[0] == '0' {
			return nil, fault.New("stages-run", place, "%q is not a count and a stage", run).WithHint("write runs as in 24W 3N1 41N2")
		}
		stage, err := ParseStage(run[digits:])
		if err != nil {
			return nil, fault.New("stages-run", place, "%q is not a count and a stage", run).WithHint("write runs as in 24W 3N1 41N2")
		}
		if stage == last {
			return nil, fault.New("stages-run", place, "%q repeats the stage of the run before it", run).WithHint("join the two runs")
		}
		if n > limit-len(out) {
			return nil, fault.New("stages-many", place, "more than %d epochs", limit)
		}
		last = stage
		for range n {
			out = append(out, stage)
		}
	}
	return out, nil
}
