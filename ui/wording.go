package ui

import (
	"slices"

	"dvala/instrument"
	"dvala/protocol"
)

// spoken is an instrument in the words that this server has for it in a
// language: those of its wording file, or else our own.
func (s *Server) spoken(d *instrument.Definition, lang string) instrument.Display {
	var w *instrument.Wording
	if s.Person.Wording != nil {
		w, _ = s.Person.Wording(d.ID, d.Version, lang)
	}
	return instrument.Show(d, lang, w)
}

// loaded says whether a screen shows what came in a wording file.
func loaded(t instrument.TextStatus) bool {
	return t == instrument.ValidatedText || t == instrument.LoadedText
}

// wordingNotice says whose words a form shows, where they are not the validated
// ones, and nothing where they are. Staff enter what a person said to the
// licensed form, on paper or by telephone, even where this screen cannot show it.
func (a *ask) wordingNotice(t instrument.TextStatus, d *instrument.Definition) string {
	switch {
	case t == instrument.LoadedText:
		return a.t("This is not the validated wording. The text was supplied by those who run the trial.")
	case t == instrument.TopicText && d.Words == instrument.LicensedWords:
		return a.t("The licensed wording is not loaded here, and the items are shown by topic. Enter only what was answered to the licensed form.")
	case t == instrument.TopicText:
		return a.t("This is not the validated wording. The items are shown by topic.")
	}
	return ""
}

// spokenIn is a language of an instrument, and whose words it has there.
type spokenIn struct {
	Language protocol.Language
	Text     instrument.TextStatus
	Licence  *instrument.Grant // of words that were loaded
}

// spokenLanguages gives the languages of a trial in which an instrument is shown.
func (s *Server) spokenLanguages(d *instrument.Definition, langs []protocol.Language) []spokenIn {
	var out []spokenIn
	for _, l := range langs {
		x := spokenIn{Language: l, Text: s.spoken(d, string(l)).Text}
		if loaded(x.Text) {
			if w, ok := s.Person.Wording(d.ID, d.Version, string(l)); ok {
				x.Licence = &w.Licence
			}
		}
		out = append(out, x)
	}
	return out
}

// answerLanguage is the language in which somebody answers: that which the form
// names, or hers, or the trial's first.
func (f *formFor) answerLanguage() string {
	langs := f.proto.Languages
	asked := protocol.Language(f.given("language"))
	switch {
	case slices.Contains(langs, asked):
		return string(asked)
	case f.p != nil && f.p.Enrolled != nil && slices.Contains(langs, f.p.Enrolled.Language):
		return string(f.p.Enrolled.Language)
	}
	return string(langs[0])
}
