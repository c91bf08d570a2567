package protocol

import "dvala/civil"

// Protocol is a trial as its file states it. It is only trusted inside a
// Checked, which Parse alone makes.
//
// Days are whole days counted from the day of randomisation, which is day 0;
// run-in days are negative. A night is counted by the date of waking up: the
// night to day 1 is the first one after randomisation.
type Protocol struct {
	Format        int           `yaml:"dvala" json:"dvala" rule:"required;min=1;max=1"` // version of the file format; 1
	ID            string        `yaml:"id" json:"id" rule:"required;form=id"`           // letters, digits, hyphens; names the ledger
	Version       string        `yaml:"version" json:"version" rule:"required"`         // of this protocol, raised with every amendment
	Title         string        `yaml:"title" json:"title" rule:"required"`             // tells design, population and interventions
	Question      string        `yaml:"question" json:"question" rule:"required"`       // the research question in one sentence
	Languages     []Language    `yaml:"languages" json:"languages" rule:"required"`     // in which participants are addressed: en, sv, or both
	Zone          string        `yaml:"zone" json:"zone" rule:"required"`               // IANA zone of the site, and of a participant unless she says otherwise
	Registry      []Registry    `yaml:"registry" json:"registry,omitempty"`             // public registrations; none is a warning
	Dates         Dates         `yaml:"dates" json:"dates" rule:"required"`
	Sponsor       Sponsor       `yaml:"sponsor" json:"sponsor,omitzero"`
	Design        Design        `yaml:"design" json:"design" rule:"required"`
	Arms          []Arm         `yaml:"arms" json:"arms" rule:"required"`
	Population    Population    `yaml:"population" json:"population" rule:"required"`
	Consent       Consent       `yaml:"consent" json:"consent" rule:"required"`
	Randomisation Randomisation `yaml:"randomisation" json:"randomisation" rule:"required"`
	Sites         []Site        `yaml:"sites" json:"sites" rule:"required"` // places that enrol; with several, the site must be a stratum
	Visits        []Visit       `yaml:"visits" json:"visits" rule:"required"`
	Diary         *Diary        `yaml:"diary" json:"diary,omitempty"`
	Devices       []Device      `yaml:"devices" json:"devices,omitempty"` // rings and watches, worn on a span of nights
	Dose          *Dose         `yaml:"dose" json:"dose,omitempty"`
	Outcomes      []Outcome     `yaml:"outcomes" json:"outcomes" rule:"required"`
	Estimands     []Estimand    `yaml:"estimands" json:"estimands" rule:"required"`
	Multiplicity  Multiplicity  `yaml:"multiplicity" json:"multiplicity" rule:"required"`
	Habits        *Habits       `yaml:"habits" json:"habits,omitempty"`   // what disturbs and helps sleep, explored
	Interim       *Interim      `yaml:"interim" json:"interim,omitempty"` // refused for now
	Blinding      Blinding      `yaml:"blinding" json:"blinding,omitzero"`
	Safety        Safety        `yaml:"safety" json:"safety" rule:"required"`
	Queries       []QueryRule   `yaml:"queries" json:"queries,omitempty"` // what is asked by itself of implausible answers
	Custodian     Custodian     `yaml:"custodian" json:"custodian" rule:"required"`
	// Spirit answers SPIRIT 2025 items that no other field answers, by item
	// number ("7b", "11"): free text.
	Spirit map[string]string `yaml:"spirit" json:"spirit,omitempty"`
}

// Language is a BCP 47 tag; a participant's pages exist in "en" and "sv".
type Language string

// Text is a sentence in each of the protocol's languages.
type Text map[Language]string

// In gives the text in a language, or in English, or in any language there is
// (the first in alphabetical order).
func (t Text) In(l Language) string {
	for _, try := range []Language{l, "en"} {
		if s := t[try]; s != "" {
			return s
		}
	}
	best := Language("")
	for k := range t {
		if best == "" || k < best {
			best = k
		}
	}
	return t[best]
}

// Registry is one public registration.
type Registry struct {
	Name       string     `yaml:"name" json:"name" rule:"required"`      // ISRCTN, ClinicalTrials.gov, …
	ID         string     `yaml:"id" json:"id" rule:"required"`          // the number there
	Registered civil.Date `yaml:"registered" json:"registered,omitzero"` // when it was registered, not submitted
}

// Dates are the plan; what happened is on the ledger.
type Dates struct {
	Start civil.Date `yaml:"start" json:"start" rule:"required"` // first participant, planned
	End   civil.Date `yaml:"end" json:"end,omitzero"`            // last visit, planned
}

// Sponsor is who answers for and who pays for the trial.
type Sponsor struct {
	Name      string `yaml:"name" json:"name,omitempty"`           // with a way to reach them
	Funding   string `yaml:"funding" json:"funding,omitempty"`     // who pays, and who supplies the product
	Interests string `yaml:"interests" json:"interests,omitempty"` // of those responsible, financial and other
}

// Kind is the design's kind.
type Kind string

// The designs.
const (
	Parallel  Kind = "parallel"
	Crossover Kind = "crossover"
	NOf1      Kind = "n-of-1"
)

// Design says how time is laid out.
type Design struct {
	Kind          Kind       `yaml:"kind" json:"kind" rule:"required;enum=parallel|crossover|n-of-1"`     // parallel, crossover, n-of-1
	Hypothesis    string     `yaml:"hypothesis" json:"hypothesis" rule:"required;enum=superiority"`       // superiority (the only one now)
	RunInDays     int        `yaml:"run_in_days" json:"run_in_days,omitempty" rule:"min=0;max=365"`       // from enrolment to the planned day of randomisation
	TreatmentDays int        `yaml:"treatment_days" json:"treatment_days" rule:"required;min=1;max=3650"` // of one period
	Periods       int        `yaml:"periods" json:"periods,omitempty" rule:"min=1;max=20"`                // 1 when parallel
	WashoutDays   int        `yaml:"washout_days" json:"washout_days,omitempty" rule:"min=0;max=365"`     // between the periods
	Sequences     []Sequence `yaml:"sequences" json:"sequences,omitempty"`                                // crossover, and n-of-1 without cycles
	Cycles        int        `yaml:"cycles" json:"cycles,omitempty" rule:"min=0;max=10"`                  // n-of-1: how often all arms are taken, in an order drawn anew each time
	Participants  int        `yaml:"participants" json:"participants" rule:"required;min=1;max=1000000"`  // to randomise
	RunBy         RunBy      `yaml:"run_by" json:"run_by,omitempty" rule:"enum=staff|participant"`        // n-of-1 with one participant: participant, where she runs it herself with the custodian as her helper; staff when nothing is said
	SampleSize    string     `yaml:"sample_size" json:"sample_size"`                                      // the reason for that number
}

// RunBy is who does in a trial what staff do.
type RunBy string

// Who runs a trial. Of one that a participant runs, she is the only one, and the
// custodian is her helper: she draws, opens her boxes, locks and reports, and the
// ledger says of each in which role she did it.
const (
	ByStaff       RunBy = "staff"
	ByParticipant RunBy = "participant"
)

// Sequence is an order of arms over the periods; it is what is randomised in a
// crossover.
type Sequence struct {
	ID    string   `yaml:"id" json:"id" rule:"required;form=id"`             // as secret as an arm's
	Arms  []string `yaml:"arms" json:"arms" rule:"required"`                 // one for each period
	Ratio int      `yaml:"ratio" json:"ratio" rule:"required;min=1;max=100"` // share of the sequence in a block
}

// Role of an arm in the comparison.
type Role string

// Roles of arms.
const (
	Treatment  Role = "treatment"
	Comparator Role = "comparator"
)

// Arm is one treatment. Its ID is secret once a list exists: it may stand in
// the protocol and nowhere else before the openings.
type Arm struct {
	ID           string `yaml:"id" json:"id" rule:"required;form=id"`                       // stands in no other name of the file
	Role         Role   `yaml:"role" json:"role" rule:"required;enum=treatment|comparator"` // treatment or comparator
	Label        Text   `yaml:"label" json:"label" rule:"required"`                         // shown where a participant guesses her arm, and in the report
	Ratio        int    `yaml:"ratio" json:"ratio,omitempty" rule:"min=1;max=100"`          // parallel designs
	Intervention string `yaml:"intervention" json:"intervention" rule:"required"`           // in enough detail to repeat it
}

// Population is who may take part.
type Population struct {
	Description string      `yaml:"description" json:"description" rule:"required"` // who is asked, in a few words
	Screening   []Question  `yaml:"screening" json:"screening" rule:"required"`     // what is asked before enrolment
	Include     []Criterion `yaml:"include" json:"include" rule:"required"`         // each must be true
	Exclude     []Criterion `yaml:"exclude" json:"exclude"`                         // each must be false
}

// Question is one screening answer; criteria use it by name.
type Question struct {
	Name   string   `yaml:"name" json:"name" rule:"required;form=name"`                   // a CEL identifier
	Type   string   `yaml:"type" json:"type" rule:"required;enum=int|number|bool|choice"` // int, number, bool, choice
	Label  Text     `yaml:"label" json:"label" rule:"required"`                           // the question as it is shown
	Unit   string   `yaml:"unit" json:"unit,omitempty"`
	Min    *float64 `yaml:"min" json:"min,omitempty"`                         // least answer of a number
	Max    *float64 `yaml:"max" json:"max,omitempty"`                         // greatest answer of a number
	Levels []string `yaml:"levels" json:"levels,omitempty" rule:"form=level"` // of a choice
	// Baseline puts the answer into the baseline table.
	Baseline bool `yaml:"baseline" json:"baseline,omitempty"`
	// AskIf is a CEL expression over the questions before: who it is not true for
	// is not asked, and counts as a no.
	AskIf string `yaml:"ask_if" json:"ask_if,omitempty"`
	// Scored asks people who screen themselves the items of an instrument, whose
	// score is the answer.
	Scored *Scored `yaml:"scored" json:"scored,omitempty"`
}

// Scored is a score of an instrument.
type Scored struct {
	Instrument string `yaml:"instrument" json:"instrument" rule:"required"` // its ID, as in isi
	Score      string `yaml:"score" json:"score" rule:"required"`           // a score's ID within the instrument
}

// Criterion is a CEL expression over the screening answers and the sentence
// that tells it to a person.
type Criterion struct {
	ID   string `yaml:"id" json:"id" rule:"required;form=id"` // one name for inclusions and exclusions together
	Rule string `yaml:"rule" json:"rule" rule:"required"`     // a CEL expression that is true or false, as in age >= 35 && age <= 55
	Show Text   `yaml:"show" json:"show" rule:"required"`     // the sentence
}

// Consent names the information that is consented to.
type Consent struct {
	Version string `yaml:"version" json:"version" rule:"required"` // of the information that is consented to
	Text    Text   `yaml:"text" json:"text" rule:"required"`       // short summary shown with the full document
	// Signature typed asks the person for her name, or a drawn signature; on
	// paper (and unsaid) it is signed elsewhere.
	Signature string          `yaml:"signature" json:"signature,omitempty" rule:"enum=typed|paper"`
	Questions []Comprehension `yaml:"questions" json:"questions,omitempty"` // that show whether it was understood
	Optional  []Part          `yaml:"optional" json:"optional,omitempty"`   // parts that can be refused while taking part
}

// Comprehension is a question about the information, with what it offers as
// answers.
type Comprehension struct {
	ID      string `yaml:"id" json:"id" rule:"required;form=id"`
	Ask     Text   `yaml:"ask" json:"ask" rule:"required"`
	Options []Text `yaml:"options" json:"options" rule:"required"`
	Right   int    `yaml:"right" json:"right" rule:"min=0;max=99"` // the right option, from 0
	Why     Text   `yaml:"why" json:"why" rule:"required"`         // shown after a wrong answer
}

// Part is something a person may refuse and still take part.
type Part struct {
	ID    string `yaml:"id" json:"id" rule:"required;form=id"`
	Label Text   `yaml:"label" json:"label" rule:"required"` // as in: my data may be used in other research
}

// Randomisation says how the list is drawn.
type Randomisation struct {
	Method string    `yaml:"method" json:"method" rule:"required;enum=permuted-blocks|minimisation|within-cycles"` // permuted-blocks; minimisation, which wants the custodian's program running; or within-cycles in an n-of-1 trial
	Blocks []int     `yaml:"blocks" json:"blocks,omitempty" rule:"filled;min=1;max=1000"`                          // of permuted-blocks: sizes, drawn at random for each block
	Strata []Stratum `yaml:"strata" json:"strata,omitempty"`
	// Minimise says how minimisation draws; the strata are then its factors.
	Minimise *Minimise `yaml:"minimise" json:"minimise,omitempty"`
	// SlotsPerCell is how long the list of each stratum cell is, at least; of
	// minimisation, of each site.
	SlotsPerCell int `yaml:"slots_per_cell" json:"slots_per_cell" rule:"required;min=1;max=100000"`
	SpareKits    int `yaml:"spare_kits" json:"spare_kits,omitempty" rule:"min=0;max=100"` // per slot and dispensing
}

// Minimise says how an arm is drawn by minimisation.
type Minimise struct {
	// Prefer is the chance that an arm of the smallest ratio has when it balances
	// best; 0.8 unless said.
	Prefer float64 `yaml:"prefer" json:"prefer,omitempty" rule:"min=0;max=1"`
	// Imbalance of a factor is the range of the arms' counts, or their variance;
	// range unless said.
	Imbalance string `yaml:"imbalance" json:"imbalance,omitempty" rule:"enum=range|variance"`
}

// Stratum is one factor of the stratification: a screening answer's levels, or
// a number cut at points, or the site.
type Stratum struct {
	Name string    `yaml:"name" json:"name" rule:"required;form=name"` // "site", or the name of a screening question
	Cuts []float64 `yaml:"cuts" json:"cuts,omitempty"`                 // of a number, rising: below the first, from it on, …
	// Weight of the factor in minimisation; 1 unless said.
	Weight int `yaml:"weight" json:"weight,omitempty" rule:"min=1;max=20"`
	// Levels of a choice, bool ("false","true"), the sites, or of the cuts
	// ("<45", ">=45"); filled in by Parse.
	Levels []string `yaml:"-" json:"levels,omitempty"`
}

// Site is one place that enrols.
type Site struct {
	ID   string `yaml:"id" json:"id" rule:"required;form=id"` // on the ledger and in the cells of the list
	Name string `yaml:"name" json:"name" rule:"required"`
}

// Visit is a planned contact, on a day counted from randomisation.
type Visit struct {
	ID     string `yaml:"id" json:"id" rule:"required;form=id"`
	Label  Text   `yaml:"label" json:"label" rule:"required"`                 // as the participant reads it
	Day    int    `yaml:"day" json:"day" rule:"required;min=-365;max=3650"`   // from randomisation
	Before int    `yaml:"before" json:"before,omitempty" rule:"min=0;max=90"` // days early that still count
	After  int    `yaml:"after" json:"after,omitempty" rule:"min=0;max=90"`   // days late that still count
	Period int    `yaml:"period" json:"period,omitempty" rule:"min=1;max=20"` // from 1, in a crossover
	// Instruments by ID, as package instrument knows them.
	Instruments []string `yaml:"instruments" json:"instruments,omitempty"`
	Dispense    bool     `yaml:"dispense" json:"dispense,omitempty"` // a kit is handed out
	Return      bool     `yaml:"return" json:"return,omitempty"`     // capsules counted
}

// Diary is the daily diary: an instrument asked every morning.
type Diary struct {
	Instrument   string      `yaml:"instrument" json:"instrument" rule:"required"`                     // as in csd-dvala
	FromDay      int         `yaml:"from_day" json:"from_day" rule:"required;min=-365;max=3650"`       // first morning
	ToDay        int         `yaml:"to_day" json:"to_day" rule:"required;min=-365;max=3650"`           // last morning
	ClosesAt     civil.Clock `yaml:"closes_at" json:"closes_at" rule:"required"`                       // local time after which the morning's entry is late
	BackfillDays int         `yaml:"backfill_days" json:"backfill_days,omitempty" rule:"min=0;max=14"` // days on which a missed morning may still be filled in
}

// Device is a ring or watch worn in the trial.
type Device struct {
	Vendor  string `yaml:"vendor" json:"vendor" rule:"required"`                       // oura
	FromDay int    `yaml:"from_day" json:"from_day" rule:"required;min=-365;max=3650"` // first night, by the day of waking up
	ToDay   int    `yaml:"to_day" json:"to_day" rule:"required;min=-365;max=3650"`     // last night
}

// Dose is what is taken, how much and when.
type Dose struct {
	PerDay int    `yaml:"per_day" json:"per_day" rule:"required;min=1;max=100"` // units a day, alike in all arms
	Unit   string `yaml:"unit" json:"unit" rule:"required"`                     // capsules, sachets, …
	When   Text   `yaml:"when" json:"when" rule:"required"`                     // as the participant reads it
	// AdherentAt is the share of doses from which a person counts as adherent.
	AdherentAt float64 `yaml:"adherent_at" json:"adherent_at" rule:"required;min=0;max=1"`
}

// Better says which way is good.
type Better string

// Ways.
const (
	Lower  Better = "lower"
	Higher Better = "higher"
)

// Outcome is a variable that is measured: where it comes from, in which unit,
// which way is good and how much of it matters.
type Outcome struct {
	ID     string `yaml:"id" json:"id" rule:"required;form=id"`
	Label  Text   `yaml:"label" json:"label" rule:"required"`
	Source Source `yaml:"source" json:"source" rule:"required"`
	Unit   string `yaml:"unit" json:"unit" rule:"required"`                       // points, min, mm, …
	Better Better `yaml:"better" json:"better" rule:"required;enum=lower|higher"` // lower or higher
	// Matters is the least difference that people notice, in Unit, when one is
	// known; MattersFrom is where that is written.
	Matters     *float64 `yaml:"matters" json:"matters,omitempty" rule:"min=0"`
	MattersFrom string   `yaml:"matters_from" json:"matters_from,omitempty"`
	// Kind says what sort of number it is; continuous where nothing is written.
	Kind string `yaml:"kind" json:"kind,omitempty" rule:"enum=continuous|binary|ordinal|count|time"`
	// Responder makes a yes (1) or no (0) of a score; the outcome is then binary.
	Responder *Responder `yaml:"responder" json:"responder,omitempty"`
}

// Responder says who has responded, by exactly one of its fields.
type Responder struct {
	Drop    *float64 `yaml:"drop" json:"drop,omitempty" rule:"min=0"` // baseline minus value is at least that
	Rise    *float64 `yaml:"rise" json:"rise,omitempty" rule:"min=0"` // value minus baseline is at least that
	Below   *float64 `yaml:"below" json:"below,omitempty"`            // value is less than that
	AtLeast *float64 `yaml:"at_least" json:"at_least,omitempty"`      // value is that or more
}

// Changes says whether responding is told from a change, which wants a baseline.
func (r Responder) Changes() bool { return r.Drop != nil || r.Rise != nil }

// Source is exactly one of: an instrument's score at visits, a diary item or
// derived diary measure by night, a device measure by night, or the day of an
// event.
type Source struct {
	Instrument string `yaml:"instrument" json:"instrument,omitempty"`                           // its ID, as in isi
	Score      string `yaml:"score" json:"score,omitempty"`                                     // a score's ID within the instrument
	Diary      string `yaml:"diary" json:"diary,omitempty"`                                     // an item, or tst_min, sol_min, waso_min, se_pct, …
	Device     string `yaml:"device" json:"device,omitempty"`                                   // vendor
	Measure    string `yaml:"measure" json:"measure,omitempty"`                                 // a field of sleep.Architecture by its JSON name, or a daily measure
	Event      string `yaml:"event" json:"event,omitempty" rule:"enum=left-trial|stopped-dose"` // time from randomisation until it
}

// Nightly says whether the outcome has a value for each night.
func (s Source) Nightly() bool { return s.Diary != "" || s.Device != "" }

// Place of an estimand in what is claimed.
type Place string

// Places.
const (
	Primary     Place = "primary"
	Secondary   Place = "secondary"
	Exploratory Place = "exploratory"
)

// Estimand is what is to be estimated: the five attributes of ICH E9(R1), the
// model, and its place.
type Estimand struct {
	ID    string `yaml:"id" json:"id" rule:"required;form=id"`
	Place Place  `yaml:"place" json:"place" rule:"required;enum=primary|secondary|exploratory"` // primary, secondary, exploratory
	Order int    `yaml:"order" json:"order" rule:"min=0;max=1000"`                              // in the multiplicity procedure; 0 when exploratory
	// Treatment is the contrast: treatment minus comparator, by arm ID.
	Treatment  Contrast `yaml:"treatment" json:"treatment" rule:"required"`
	Population string   `yaml:"population" json:"population" rule:"required;enum=all-randomised"` // all-randomised
	Variable   Variable `yaml:"variable" json:"variable" rule:"required"`
	Events     []Event  `yaml:"events" json:"events"`                                                                                                             // intercurrent events, each with a strategy
	Summary    string   `yaml:"summary" json:"summary" rule:"required;enum=mean-difference|risk-difference|risk-ratio|odds-ratio|rate-ratio|survival-difference"` // mean-difference, or what fits the outcome's kind
	Model      Model    `yaml:"model" json:"model" rule:"required"`
	// Sensitivity names analyses of the same estimand under other assumptions.
	// They are shown under it and never claimed.
	Sensitivity []Sensitivity `yaml:"sensitivity" json:"sensitivity,omitempty"`
	Why         string        `yaml:"why" json:"why,omitempty"` // reasons, for the reader
}

// Contrast names the two arms of a difference.
type Contrast struct {
	Treatment  string `yaml:"treatment" json:"treatment" rule:"required"`   // an arm with that role
	Comparator string `yaml:"comparator" json:"comparator" rule:"required"` // an arm with that role
}

// Variable is an outcome with its time point.
type Variable struct {
	Outcome string `yaml:"outcome" json:"outcome" rule:"required"` // its ID
	Visit   string `yaml:"visit" json:"visit,omitempty"`           // for an outcome at visits
	// Visits takes the place of Visit in a crossover: one visit of each period,
	// in the order of the periods.
	Visits []string `yaml:"visits" json:"visits,omitempty"`
	// Nights are for a nightly outcome, by the day of waking up. In a crossover
	// they are counted anew in each period, whose first day is its day 0.
	Nights *Span `yaml:"nights" json:"nights,omitempty"`
	// Baseline: visit ID, or a span of nights; adjusted for, not subtracted.
	BaselineVisit  string `yaml:"baseline_visit" json:"baseline_visit,omitempty"`
	BaselineNights *Span  `yaml:"baseline_nights" json:"baseline_nights,omitempty"`
	Change         bool   `yaml:"change" json:"change,omitempty"` // tell it as a change from baseline
}

// Span is a range of days, both ends included.
type Span struct {
	From int `yaml:"from" json:"from" rule:"required;min=-365;max=3650"` // first day
	To   int `yaml:"to" json:"to" rule:"required;min=-365;max=3650"`     // last day
}

// Event is an intercurrent event with its strategy.
type Event struct {
	Event    string `yaml:"event" json:"event" rule:"required;enum=stopped-dose|prohibited-sleep-aid|travel|ring-lost|unblinded|withdrew|died"`         // stopped-dose, prohibited-sleep-aid, travel, ring-lost, unblinded, withdrew, died
	Strategy string `yaml:"strategy" json:"strategy" rule:"required;enum=treatment-policy|hypothetical|composite|while-on-treatment|principal-stratum"` // treatment-policy, hypothetical, composite, while-on-treatment, principal-stratum
	// Value stands for the outcome from the event on, when the strategy is
	// composite; of a responder outcome 0 or 1.
	Value *float64 `yaml:"value" json:"value,omitempty"`
}

// Model is how it is estimated.
type Model struct {
	Kind string `yaml:"kind" json:"kind" rule:"required;enum=ancova|mmrm|random-intercept|random-slope|ordinal|ordinal-intercept|binary|count|survival|complier|crossover|paired|n-of-1"` // see doc/methods/estimands.md
	// Visits are those that mmrm models together, in order of time; the
	// variable's is the last of them.
	Visits []string `yaml:"visits" json:"visits,omitempty"`
	// Nights are those that a mixed model takes, week by week; the variable's
	// nights are whole weeks of them. Without it, the variable's nights alone.
	Nights *Span `yaml:"nights" json:"nights,omitempty"`
	// Covariance of the visits in mmrm, us (unstructured) unless said, and those
	// tried in turn where it does not converge.
	Covariance string   `yaml:"covariance" json:"covariance,omitempty" rule:"enum=us|toep|toeph|ar1|ar1h|cs|csh|ad|adh"`
	Fallback   []string `yaml:"fallback" json:"fallback,omitempty" rule:"enum=us|toep|toeph|ar1|ar1h|cs|csh|ad|adh"`
	// CovarianceByArm gives each arm a covariance of its own in mmrm.
	CovarianceByArm bool `yaml:"covariance_by_arm" json:"covariance_by_arm,omitempty"`
	// DF is the method of degrees of freedom: kenward-roger in mmrm and
	// satterthwaite over nights, unless said.
	DF string `yaml:"df" json:"df,omitempty" rule:"enum=kenward-roger|kenward-roger-expected|kenward-roger-full|satterthwaite"`
	// Autoregressive lets a person's neighbouring nights be alike beyond what
	// she is throughout: residuals h nights apart correlate as φʰ.
	Autoregressive bool `yaml:"autoregressive" json:"autoregressive,omitempty"`
	// CarryOverDays is, in n-of-1, for how many days after its last night the
	// treatment may still work; those nights get an effect of their own.
	CarryOverDays int `yaml:"carry_over_days" json:"carry_over_days,omitempty" rule:"min=0;max=60"`
	// Time says how the level may drift in n-of-1: cycles (each has its own)
	// unless said, a trend in days, or steady.
	Time string `yaml:"time" json:"time,omitempty" rule:"enum=cycles|trend|steady"`
	// Prior of n-of-1 puts a posterior beside the estimate.
	Prior *Prior `yaml:"prior" json:"prior,omitempty"`
	// Errors are the standard errors: model (the default), hc3 of ancova, or cr2 of
	// mmrm and over nights, a sandwich over people that does not trust the covariance.
	Errors string `yaml:"errors" json:"errors,omitempty" rule:"enum=model|hc3|cr2"`
	// Missing says what mmrm takes missing values to have been: at-random, or by
	// the other arm.
	Missing string `yaml:"missing" json:"missing,omitempty" rule:"enum=at-random|jump-to-reference|copy-reference|copy-increments"`
	// Covariates beyond the baseline: screening names.
	Covariates []string `yaml:"covariates" json:"covariates,omitempty"`
	Strata     bool     `yaml:"strata" json:"strata,omitempty"` // adjust for the strata of the randomisation
}

// Prior of a treatment's effect in a series of n-of-1 trials, in the outcome's
// unit: the mean effect is normal, and what people differ by half-normal.
type Prior struct {
	Mean    float64 `yaml:"mean" json:"mean"`                             // of the mean effect, treatment minus comparator
	SD      float64 `yaml:"sd" json:"sd" rule:"required;min=0"`           // of the mean effect
	Between float64 `yaml:"between" json:"between" rule:"required;min=0"` // scale of the SD between people
}

// Sensitivity is another analysis of an estimand.
type Sensitivity struct {
	Kind string `yaml:"kind" json:"kind" rule:"required;enum=complete-case|robust|ranks|ordinal|jump-to-reference|copy-reference|copy-increments|tipping-point|re-randomisation"` // see doc/methods/sensitivity.md
	// Limit is the largest shift that a tipping-point analysis looks at, in the
	// outcome's unit; the standard deviation twice over unless said.
	Limit *float64 `yaml:"limit" json:"limit,omitempty" rule:"min=0"`
	// Draws is how many lists a re-randomisation test draws (9999 unless said),
	// or how many imputations rubin pools (100 unless said).
	Draws int `yaml:"draws" json:"draws,omitempty" rule:"min=0;max=1000000"`
	// Errors of a reference-based analysis: jackknife unless said, or rubin,
	// which is information-anchored.
	Errors string `yaml:"errors" json:"errors,omitempty" rule:"enum=jackknife|rubin"`
	Why    string `yaml:"why" json:"why,omitempty"`
}

// Multiplicity says how the family of estimands is held to one error rate.
type Multiplicity struct {
	Alpha  float64 `yaml:"alpha" json:"alpha" rule:"required;min=0;max=1"`                                    // two-sided error rate of the family
	Method string  `yaml:"method" json:"method" rule:"required;enum=fixed-sequence|holm|hochberg|graph|none"` // fixed-sequence, holm, hochberg, graph, none
	// Weights and Arrows are those of a graph: the share of the error rate that
	// each estimand begins with, and where it goes once that one is shown.
	Weights []Weight `yaml:"weights" json:"weights,omitempty"`
	Arrows  []Arrow  `yaml:"arrows" json:"arrows,omitempty"`
	// Note says how estimands outside the procedure are to be read.
	Note string `yaml:"note" json:"note,omitempty"`
}

// Weight is a share of the error rate.
type Weight struct {
	Estimand string  `yaml:"estimand" json:"estimand" rule:"required"`       // by ID
	Share    float64 `yaml:"share" json:"share" rule:"required;min=0;max=1"` // together at most 1
}

// Arrow hands a share of an estimand's error rate on.
type Arrow struct {
	From  string  `yaml:"from" json:"from" rule:"required"`               // an estimand by ID
	To    string  `yaml:"to" json:"to" rule:"required"`                   // another
	Share float64 `yaml:"share" json:"share" rule:"required;min=0;max=1"` // those from one estimand together at most 1
}

// Habits asks what a nightly outcome goes with, within people and between them.
// It is an exploration: nobody drew the habits by lot.
type Habits struct {
	Outcome string  `yaml:"outcome" json:"outcome" rule:"required"` // a nightly outcome by ID
	Asked   []Habit `yaml:"asked" json:"asked" rule:"required"`
}

// Habit is one item of the diary.
type Habit struct {
	Diary string  `yaml:"diary" json:"diary" rule:"required"`          // an item, or a derived measure
	Label Text    `yaml:"label" json:"label" rule:"required"`          // as a report names it
	Per   float64 `yaml:"per" json:"per,omitempty" rule:"min=0"`       // step that the effect is told for, in the item's unit; 1 unless said
	Lag   int     `yaml:"lag" json:"lag,omitempty" rule:"min=0;max=7"` // days before, where what is recorded with a night could be its consequence
}

// Interim is a planned look at the data; refused for now.
type Interim struct {
	At string `yaml:"at" json:"at"` // when
}

// Blinding says who does not know, and when it is asked whether they guessed.
type Blinding struct {
	Who        []string `yaml:"who" json:"who,omitempty" rule:"enum=participants|staff|assessors|analysts"` // participants, staff, assessors, analysts
	GuessVisit string   `yaml:"guess_visit" json:"guess_visit,omitempty"`                                   // visit at which people say which arm they think they had
}

// Safety says what is asked about harms and how fast it must be reported.
type Safety struct {
	SeriousWithinHours int      `yaml:"serious_within_hours" json:"serious_within_hours" rule:"required;min=1;max=720"` // a serious adverse event is passed on within
	Expected           []string `yaml:"expected" json:"expected,omitempty"`                                             // harms that are named beforehand
	Contact            Notice   `yaml:"contact" json:"contact,omitempty"`                                               // whom a participant reaches, and how
}

// Custodian is who holds the key that opens the list.
type Custodian struct {
	Name      string `yaml:"name" json:"name" rule:"required"`           // someone outside the trial team
	Recipient string `yaml:"recipient" json:"recipient" rule:"required"` // age1…
	// BreakGlass names who can open one slot together in an emergency, without
	// the custodian.
	BreakGlass *BreakGlass `yaml:"break_glass" json:"break_glass,omitempty"`
}

// BreakGlass is who can open a single slot in an emergency, and how many of them
// it takes.
type BreakGlass struct {
	Needed  int      `yaml:"needed" json:"needed" rule:"required;min=1;max=255"` // how many together
	Holders []Holder `yaml:"holders" json:"holders" rule:"required"`             // each with a share of every slot's key
}

// Holder has a share of each slot's key.
type Holder struct {
	Name      string `yaml:"name" json:"name" rule:"required"`           // with a way to be reached at night
	Recipient string `yaml:"recipient" json:"recipient" rule:"required"` // age1…, as dvala key holder prints it
}
