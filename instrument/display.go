package instrument

// Display is an instrument as a screen shows it, in one language.
type Display struct {
	Instrument ID
	Version    string
	Language   string // of the item texts
	Title      string
	Intro      string
	Text       TextStatus
	Notice     string // to be shown with the form; empty where there is nothing to say
	Answerable bool   // false where licensed words are needed and not loaded
	Items      []DisplayItem
}

// TextStatus says whose words a screen shows.
type TextStatus string

const (
	OwnText       TextStatus = "own"       // the instrument is ours, and so is its text
	ValidatedText TextStatus = "validated" // loaded from a wording file that says so
	LoadedText    TextStatus = "loaded"    // loaded from a wording file that does not claim validity
	TopicText     TextStatus = "topics"    // our topic labels in place of the instrument's wording
)

// DisplayItem is one item as a screen shows it.
type DisplayItem struct {
	*Item
	Text    string
	Anchors []AnchorText
	Choices []ChoiceText
}

var notValidated = Text{
	EN: "This is not the validated wording. The items are shown by topic.",
	SV: "Det här är inte den validerade lydelsen. Frågorna visas med sina ämnen.",
}

var suppliedText = Text{
	EN: "This is not the validated wording. The text was supplied by those who run the trial.",
	SV: "Det här är inte den validerade lydelsen. Texten kommer från dem som leder studien.",
}

var wordsNeeded = Text{
	EN: "This form cannot be answered until its licensed wording is loaded.",
	SV: "Formuläret kan inte besvaras förrän den licensierade texten är inläst.",
}

// Show gives the text of an instrument in a language, and whether it is the
// validated wording. The wording is used where it is for this definition and
// for this language; else, and where w is nil, our own labels stand in its
// place and Notice says so. A language that the definition has no text in is
// shown in English.
func Show(d *Definition, lang string, w *Wording) Display {
	out := Display{
		Instrument: d.ID, Version: d.Version, Language: "en",
		Title: d.Title.In(lang), Intro: d.Intro.In(lang), Answerable: true,
	}
	if lang == "sv" {
		out.Language = "sv"
	}
	loaded := w != nil && w.of != nil && w.Instrument == d.ID && w.Version == d.Version && w.Language == lang
	switch {
	case loaded && w.Validated:
		out.Text = ValidatedText
	case loaded:
		out.Text, out.Notice = LoadedText, suppliedText.In(lang)
	case d.Words == OwnWords:
		out.Text = OwnText
	case d.Words == LicensedWords:
		out.Text, out.Notice, out.Answerable = TopicText, wordsNeeded.In(lang), false
	default:
		out.Text, out.Notice = TopicText, notValidated.In(lang)
	}
	texts := map[ItemID]*ItemWording{}
	if loaded {
		out.Language = w.Language
		if w.Instruction != "" {
			out.Intro = w.Instruction
		}
		for i := range w.Items {
			texts[w.Items[i].ID] = &w.Items[i]
		}
	}
	for i := range d.Items {
		out.Items = append(out.Items, d.Items[i].show(out.Language, texts[d.Items[i].ID]))
	}
	return out
}

func (it *Item) show(lang string, w *ItemWording) DisplayItem {
	if w != nil {
		return DisplayItem{Item: it, Text: w.Text, Anchors: w.Anchors, Choices: w.Choices}
	}
	out := DisplayItem{Item: it, Text: it.Question.In(lang)}
	if out.Text == "" {
		out.Text = it.Topic.In(lang)
	}
	for _, a := range it.Anchors {
		out.Anchors = append(out.Anchors, AnchorText{a.At, a.Text.In(lang)})
	}
	for _, o := range it.Choices {
		out.Choices = append(out.Choices, ChoiceText{o.Code, o.Text.In(lang)})
	}
	return out
}
