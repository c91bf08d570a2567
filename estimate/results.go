package estimate

import "dvala/protocol"

// Results is all that a report shows, as numbers: written to results.json
// beside the report. It is a pure function of protocol, facts and allocation;
// floats are rounded to 10 significant digits on writing, and slices are in
// a stated order, so that the same trial gives the same bytes.
type Results struct {
	Format    int       `json:"format"` // 1
	Trial     TrialInfo `json:"trial"`
	Dummy     bool      `json:"dummy"` // made on a dummy allocation: the arms are not the real ones
	Arms      []ArmInfo `json:"arms"`  // in the protocol's order; of a crossover, the treatments
	Sequences []ArmInfo `json:"sequences,omitempty"`

	Flow       Flow           `json:"flow"`
	Baseline   []BaselineRow  `json:"baseline"`
	Estimands  []Result       `json:"estimands"` // primary, then in multiplicity order, then exploratory
	Series     []Series       `json:"series"`    // by day and arm
	Nights     []AverageNight `json:"nights,omitempty"`
	Adherence  []AdherenceRow `json:"adherence,omitempty"`
	Harms      Harms          `json:"harms"`
	Deviations []DeviationRow `json:"deviations,omitempty"`
	Missing    []MissingRow   `json:"missing,omitempty"`
	Guess      *GuessTable    `json:"guess,omitempty"`
	Checks     []Check        `json:"checks,omitempty"` // manipulation checks, data quality
	// Habits tells what sleep went with, as an exploration; nil where the
	// protocol does not ask.
	Habits *Habits `json:"habits,omitempty"`
	// Multiplicity says how the family was held to one error rate.
	Multiplicity Multiplicity `json:"multiplicity"`
	// Provenance is left out of results.json (WithoutProvenance), so that the
	// same trial run twice, under other keys and so other hashes, gives the same
	// file; it stands in provenance.json beside it and in the report.
	Provenance Provenance `json:"provenance,omitzero"`
}

// WithoutProvenance gives the results alone, as results.json holds them.
func (r Results) WithoutProvenance() Results {
	r.Provenance = Provenance{}
	return r
}

// TrialInfo is what the protocol says of the trial, and whether it was kept.
type TrialInfo struct {
	ID        string              `json:"id"`
	Version   string              `json:"version"`
	Title     string              `json:"title"`
	Question  string              `json:"question"`
	Design    protocol.Kind       `json:"design"`
	Languages []protocol.Language `json:"languages,omitempty"`
	Registry  []protocol.Registry `json:"registry,omitempty"`
	// RegisteredBefore the first participant; nil where either date is unknown.
	RegisteredBefore *bool `json:"registered_before,omitempty"`
	// AsRegistered says that the outcomes are those of the protocol sealed at
	// the start; nil where that cannot be known (a trial run elsewhere).
	AsRegistered  *bool  `json:"as_registered,omitempty"`
	Simulated     bool   `json:"simulated,omitempty"`
	External      bool   `json:"external,omitempty"` // run elsewhere and analysed here
	FirstScreened string `json:"first_screened,omitempty"`
	LockedAt      string `json:"locked_at,omitempty"`
	Methods       string `json:"methods,omitempty"` // the methods in words
}

// ArmInfo is an arm or a sequence as the report names it.
type ArmInfo struct {
	ID    string        `json:"id"`
	Label string        `json:"label"`
	Role  protocol.Role `json:"role,omitempty"`
	N     int           `json:"n"` // randomised
}

// Flow is the CONSORT 2025 flow, counted from the ledger.
type Flow struct {
	Screened   int       `json:"screened"`
	Excluded   []Count   `json:"excluded"` // by reason: criteria, no consent, run-in not completed
	Randomised int       `json:"randomised"`
	Arms       []ArmFlow `json:"arms"`
}

// ArmFlow is one arm's column of the flow.
type ArmFlow struct {
	Arm         string  `json:"arm"`
	Randomised  int     `json:"randomised"`
	Received    int     `json:"received"` // took at least one dose
	Stopped     []Count `json:"stopped"`  // the treatment, by reason
	Lost        []Count `json:"lost"`     // to follow-up, by reason
	Completed   int     `json:"completed"`
	Unblinded   int     `json:"unblinded,omitempty"` // in an emergency
	Analysed    int     `json:"analysed"`            // in the primary estimand
	NotAnalysed []Count `json:"not_analysed"`
}

// Count is a reason and how many.
type Count struct {
	What string `json:"what"`
	N    int    `json:"n"`
}

// BaselineRow is a row of Table 1: no p-values, a standardised difference.
type BaselineRow struct {
	Label string        `json:"label"`
	Unit  string        `json:"unit,omitempty"`
	Level string        `json:"level,omitempty"` // of a categorical variable
	Kind  string        `json:"kind"`            // number, share
	Arms  []BaselineArm `json:"arms"`
	SMD   *float64      `json:"smd,omitempty"`
}

// BaselineArm is a cell of Table 1. Numbers give mean, SD, median, quartiles
// (R type 2); shares give Count of N.
type BaselineArm struct {
	N      int      `json:"n"`
	Mean   *float64 `json:"mean,omitempty"`
	SD     *float64 `json:"sd,omitempty"`
	Median *float64 `json:"median,omitempty"`
	Q1     *float64 `json:"q1,omitempty"`
	Q3     *float64 `json:"q3,omitempty"`
	Count  *int     `json:"count,omitempty"`
}

// ArmSummary is an arm's side of a result: adjusted mean, and what was seen.
type ArmSummary struct {
	Arm      string   `json:"arm"`
	N        int      `json:"n"`
	Mean     *float64 `json:"mean,omitempty"` // observed at the time point
	SD       *float64 `json:"sd,omitempty"`
	Adjusted *float64 `json:"adjusted,omitempty"` // least-squares mean
	Low      *float64 `json:"low,omitempty"`
	High     *float64 `json:"high,omitempty"`
	Baseline *float64 `json:"baseline,omitempty"` // mean
}

// Term is another coefficient that the reader is owed.
type Term struct {
	Name     string   `json:"name"`
	Estimate float64  `json:"estimate"`
	SE       float64  `json:"se"`
	Low      float64  `json:"low"`
	High     float64  `json:"high"`
	P        *float64 `json:"p,omitempty"`
}

// Series is an outcome by day and arm, with intervals of the mean.
type Series struct {
	Outcome string      `json:"outcome"`
	Label   string      `json:"label"`
	Unit    string      `json:"unit"`
	Source  string      `json:"source"` // instrument, diary, device
	Arms    []SeriesArm `json:"arms"`
}

// SeriesArm is one arm's line.
type SeriesArm struct {
	Arm    string        `json:"arm"`
	Points []SeriesPoint `json:"points"`
}

// SeriesPoint is a day's mean with its 95 % interval.
type SeriesPoint struct {
	Day  int      `json:"day"`
	N    int      `json:"n"`
	Mean *float64 `json:"mean,omitempty"`
	Low  *float64 `json:"low,omitempty"`
	High *float64 `json:"high,omitempty"`
	// People are the values themselves, from the least, in a trial of fewer than
	// 200; to three significant digits, for drawing.
	People []float64 `json:"people,omitempty"`
}

// AverageNight is the share of each stage through the night in an arm: rows of
// equal steps from sleep onset or from lights off, as From says.
type AverageNight struct {
	Arm     string               `json:"arm"`
	Span    string               `json:"span"` // "nights 1 to 21"
	From    string               `json:"from"` // lights-off
	StepMin float64              `json:"step_min"`
	Nights  []int                `json:"nights"` // how many nights at each step
	Shares  map[string][]float64 `json:"shares"` // by stage letter, 0 … 1
}

// AdherenceRow is an arm's doses.
type AdherenceRow struct {
	Arm        string      `json:"arm"`
	People     int         `json:"people"`
	MeanShare  *float64    `json:"mean_share,omitempty"` // of the doses planned until withdrawal
	Adherent   int         `json:"adherent"`
	DiaryDays  BaselineArm `json:"diary_days"`
	RingNights BaselineArm `json:"ring_nights"`
}

// Harms is the adverse events by term and arm, with exact intervals.
type Harms struct {
	Arms    []HarmArm `json:"arms"`
	Terms   []HarmRow `json:"terms"`
	Serious []HarmRow `json:"serious,omitempty"`
	// Other are those that were not serious.
	Other []HarmRow `json:"other,omitempty"`
	// Unblinded are the people whose treatment was told in an emergency, by the
	// adverse event that led to it.
	Unblinded []UnblindedRow `json:"unblinded,omitempty"`
	// NotRecorded says why there are no events to count: a trial run elsewhere
	// whose tables hold none.
	NotRecorded string `json:"not_recorded,omitempty"`
}

// HarmArm is an arm's totals.
type HarmArm struct {
	Arm        string `json:"arm"`
	People     int    `json:"people"` // randomised
	AtLeastOne int    `json:"at_least_one"`
	Events     int    `json:"events"`
	// Unblinded are the people whose treatment was told in an emergency.
	Unblinded int `json:"unblinded,omitempty"`
	// Died are the people who died of any cause, after randomisation and till the
	// last entry; Serious and Other those with at least one event of the sort.
	Died    int `json:"died,omitempty"`
	Serious int `json:"serious,omitempty"`
	Other   int `json:"other,omitempty"`
}

// UnblindedRow counts the people of each arm who were unblinded because of an
// event of a term; of those with no event named the term is empty. Somebody
// unblinded because of two events counts in the rows of both.
type UnblindedRow struct {
	Term   string `json:"term"`
	People []int  `json:"people"`
}

// HarmRow is a term: people with it in each arm, events, Clopper–Pearson interval.
type HarmRow struct {
	Term   string    `json:"term"`
	People []int     `json:"people"`
	Events []int     `json:"events"`
	Low    []float64 `json:"low"`
	High   []float64 `json:"high"`
}

// DeviationRow counts a kind of deviation by arm.
type DeviationRow struct {
	Code string `json:"code"`
	Arms []int  `json:"arms"`
}

// MissingRow says, for an outcome, how many values were planned and came, and why not.
type MissingRow struct {
	Outcome string  `json:"outcome"`
	Label   string  `json:"label"`
	Arm     string  `json:"arm"`
	Planned int     `json:"planned"`
	Got     int     `json:"got"`
	Why     []Count `json:"why,omitempty"`
}

// GuessTable is what people believed at the end: rows by arm.
type GuessTable struct {
	// Each says that people guessed at the end of each period, and so several
	// times.
	Each    bool     `json:"each_period,omitempty"`
	Options []string `json:"options"`
	Arms    []string `json:"arms"`
	Counts  [][]int  `json:"counts"`
	// Bang's blinding index by arm, −1 … 1, 0 is chance, with its interval.
	Index []float64 `json:"index"`
	Low   []float64 `json:"low"`
	High  []float64 `json:"high"`
	// James's index of the whole trial: 1 is that nobody knows, ½ is chance, 0
	// that all guessed right. Absent where it is undefined.
	James *BlindingIndex `json:"james,omitempty"`
}

// BlindingIndex is an index with its interval.
type BlindingIndex struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Check is something verified about the data: what, whether it held, the numbers.
type Check struct {
	What   string `json:"what"`
	Held   *bool  `json:"held,omitempty"`
	Detail string `json:"detail"`
}

// Provenance is what one needs to get the same report again.
type Provenance struct {
	Program        string  `json:"program"`
	ProtocolHash   string  `json:"protocol_sha256"`
	SealedHash     string  `json:"sealed_sha256,omitempty"`
	LockedRoot     string  `json:"locked_root,omitempty"` // ledger tree at the lock
	LockedSize     uint64  `json:"locked_size,omitempty"`
	OpeningsHash   string  `json:"openings_sha256,omitempty"`
	DataHash       string  `json:"data_sha256,omitempty"` // of external data
	LedgerVerified *bool   `json:"ledger_verified,omitempty"`
	ZoneRules      string  `json:"zone_rules"`
	Seed           *uint64 `json:"seed,omitempty"`
}
