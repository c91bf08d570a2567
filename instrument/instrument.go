// Package instrument holds questionnaires and diaries as data: their items,
// how answers become scores, what a missing answer does, who may use them, and
// how sure each of these facts is.
//
// A definition is a YAML file (JSON, being YAML, is read too). Those of this
// program are embedded from data/; an operator's own are read by the same
// Parse, which is strict and reports all problems at once. Its grammar is in
// doc/formats/instrument.md.
//
// Nobody's wording is in here. An item carries a short topic label of our own
// in English and Swedish; the validated text of an instrument is loaded from a
// Wording file that an operator with a licence supplies
// (doc/formats/wording.md), and Show says which of the two a screen is showing.
//
// Definitions are made by Parse alone, are shared, and are not to be changed.
package instrument

// ID names an instrument: "isi". It is written in protocols and on ledgers.
type ID string

// ItemID names one question within its instrument: "isi1".
type ItemID string

// ScaleID names one score within its instrument: "total".
type ScaleID string

// Definition is one version of one instrument.
type Definition struct {
	Format  string   `json:"format" yaml:"format"` // the grammar of the file
	ID      ID       `json:"id" yaml:"id"`
	Version string   `json:"version" yaml:"version"` // of this definition, not of the paper form
	Title   Text     `json:"title" yaml:"title"`
	Form    string   `json:"form,omitempty" yaml:"form"` // which form of a family: "40 items (Grove & Prapavessis 1992)"
	Recall  Recall   `json:"recall" yaml:"recall"`
	Words   Words    `json:"words" yaml:"words"`
	Intro   Text     `json:"intro,omitzero" yaml:"intro"` // our own instruction, above the items
	Items   []Item   `json:"items" yaml:"items"`
	Scales  []Scale  `json:"scales,omitempty" yaml:"scales"`
	Licence Licence  `json:"licence" yaml:"licence"`
	Notes   []Basis  `json:"notes,omitempty" yaml:"notes"` // facts about the whole: reliability, forms, open questions
	Sources []string `json:"sources" yaml:"sources"`

	canon []byte // set by Parse alone: the mark of a definition that was checked
	items map[ItemID]int
	score map[ScaleID]int
}

// Text is the same thing said in both languages of the program.
type Text struct {
	EN string `json:"en,omitempty" yaml:"en"`
	SV string `json:"sv,omitempty" yaml:"sv"`
}

// In gives the text in a language, English for any but Swedish.
func (t Text) In(lang string) string {
	if lang == "sv" && t.SV != "" {
		return t.SV
	}
	return t.EN
}

// Certainty says how well a fact about an instrument is known.
type Certainty string

const (
	Read      Certainty = "read"      // in the primary or official page
	Secondary Certainty = "secondary" // in a page that tells of the primary one
	Derived   Certainty = "derived"   // here, by arithmetic or inference
	Unchecked Certainty = "unchecked" // general knowledge, compared with no page
	NotFound  Certainty = "not-found" // looked for in vain: the rule that stands here is ours
	Ours      Certainty = "ours"      // made for this program; there is no other source
)

// Basis is what a fact rests on.
type Basis struct {
	Certainty Certainty `json:"certainty" yaml:"certainty"`
	Source    string    `json:"source,omitempty" yaml:"source"`
	Note      string    `json:"note,omitempty" yaml:"note"`
}

// RecallKind says what an answer is measured against.
type RecallKind string

const (
	// Absolute answers tell a state; a change from baseline is their difference.
	Absolute RecallKind = "absolute"
	// ComparesWithUsual answers tell a difference already: a change from a
	// baseline of theirs is a difference of differences.
	ComparesWithUsual RecallKind = "compares-with-usual"
)

// Recall is the time an instrument asks about. Days is 0 for "right now" and
// absent where the instrument sets none.
type Recall struct {
	Days  *int       `json:"days,omitempty" yaml:"days"`
	Kind  RecallKind `json:"kind" yaml:"kind"`
	Basis Basis      `json:"basis" yaml:"basis"`
}

// Words says whose words an instrument needs before a person can answer it.
type Words string

const (
	OwnWords      Words = "own"      // ours: the text here is the instrument
	TopicWords    Words = "topics"   // topic labels can be answered, though not validly; wording can be loaded
	LicensedWords Words = "licensed" // without loaded wording there is nothing to answer (adjective lists)
)

// Kind is the kind of answer an item takes.
type Kind string

const (
	Rating    Kind = "rating"    // a whole number from Min to Max, with anchors
	Adjective Kind = "adjective" // a rating of an adjective that only licensed wording names
	VAS       Kind = "vas"       // a mark on a line, Min to Max, decimals allowed
	Clock     Kind = "clock"     // a time of day, as in 23:30
	Minutes   Kind = "minutes"   // whole minutes, Min to Max
	Count     Kind = "count"     // a whole number of things, Min to Max
	YesNo     Kind = "yes-no"    //
	Choice    Kind = "choice"    // one of Choices
	FreeText  Kind = "text"      // words of the person's own, up to Max characters
)

// Item is one question.
type Item struct {
	ID       ItemID   `json:"id" yaml:"id"`
	Topic    Text     `json:"topic" yaml:"topic"`                 // a short label of our own
	Question Text     `json:"question,omitzero" yaml:"question"`  // our own question, where the instrument is ours
	Kind     Kind     `json:"kind" yaml:"kind"`                   //
	Min      int      `json:"min,omitempty" yaml:"min"`           // least answer, in Unit
	Max      int      `json:"max,omitempty" yaml:"max"`           // greatest answer, in Unit
	Unit     string   `json:"unit,omitempty" yaml:"unit"`         // minutes, cups, mm
	Start    *int     `json:"start,omitempty" yaml:"start"`       // where a VAS mark stands before it is moved
	Anchors  []Anchor `json:"anchors,omitempty" yaml:"anchors"`   // our own words for values of a rating or VAS
	Choices  []Option `json:"choices,omitempty" yaml:"choices"`   //
	Reverse  bool     `json:"reverse,omitempty" yaml:"reverse"`   // scored as Min + Max − answer
	Better   Better   `json:"better,omitempty" yaml:"better"`     // direction of the answer as given, before Reverse
	Optional bool     `json:"optional,omitempty" yaml:"optional"` // may be left empty without being missing
	AskIf    *AskIf   `json:"ask-if,omitempty" yaml:"ask-if"`     // asked only after such an answer to an earlier item
	Basis    Basis    `json:"basis" yaml:"basis"`                 // of topic, order and polarity
	Scored   bool     `json:"-" yaml:"-"`                         // some scale uses it; derived by Parse
}

// Anchor is what one value of a rating means.
type Anchor struct {
	At   int  `json:"at" yaml:"at"`
	Text Text `json:"text" yaml:"text"`
}

// Option is one answer of a choice.
type Option struct {
	Code string `json:"code" yaml:"code"`
	Text Text   `json:"text" yaml:"text"`
}

// AskIf is met by an answer of at least a number to an earlier item; yes
// counts as 1, no as 0.
type AskIf struct {
	Item    ItemID  `json:"item" yaml:"item"`
	AtLeast float64 `json:"at-least" yaml:"at-least"`
}

// Better says which way of a number is the good one.
type Better string

const (
	NoBetter     Better = ""       // neither, or not for us to say
	LowerBetter  Better = "lower"  //
	HigherBetter Better = "higher" //
)

// Licence is what is known of the right to use an instrument. It is a note
// for the operator, who has to ask the holder; it grants nothing.
type Licence struct {
	Holder      string    `json:"holder" yaml:"holder"`
	Distributor string    `json:"distributor,omitempty" yaml:"distributor"`
	FreeFor     string    `json:"free-for,omitempty" yaml:"free-for"`
	Status      Licensing `json:"status" yaml:"status"`
	Basis       Basis     `json:"basis" yaml:"basis"`
}

// Licensing sums a licence up in a word.
type Licensing string

const (
	Free       Licensing = "free"       // ours, or open to all
	Permission Licensing = "permission" // ask; free for some uses
	Commercial Licensing = "commercial" // a licence is bought
	Unknown    Licensing = "unknown"    // no statement found: ask
)

// Item gives an item by its name.
func (d *Definition) Item(id ItemID) (*Item, bool) {
	i, ok := d.items[id]
	if !ok {
		return nil, false
	}
	return &d.Items[i], true
}

// Scale gives a score's rule by its name.
func (d *Definition) Scale(id ScaleID) (*Scale, bool) {
	i, ok := d.score[id]
	if !ok {
		return nil, false
	}
	return &d.Scales[i], true
}
