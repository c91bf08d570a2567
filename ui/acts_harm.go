package ui

import (
	"net/url"
	"slices"

	"dvala/study"
)

// adverseFields are those of an adverse event. How it ended comes before whether
// it is serious, for the one may decide the other.
func adverseFields(f *formFor) []field {
	out := []field{
		{Name: "term", Label: f.t("What happened"), Kind: textField, Need: true, Hint: f.t("in a few words, without names")},
		{Name: "coded", Label: f.t("Coded as"), Kind: textField, Hint: f.t("what a dictionary calls it, as a preferred term of MedDRA; tables count by it")},
		{Name: "onset", Label: f.t("Began on"), Kind: dateField, Need: true, Max: f.today.String()},
		{Name: "outcome", Label: f.t("Outcome"), Kind: choiceField, Need: true, Options: f.options(study.Vocabulary("outcome")...), Hint: f.t("fatal: it is serious, because of the death, and ended on the day of the death")},
		{Name: "end", Label: f.t("Ended on"), Kind: dateField, Hint: f.t("empty while it goes on")},
		{Name: "severity", Label: f.t("Severity"), Kind: choiceField, Need: true, Options: f.options("mild", "moderate", "severe")},
		{Name: "serious", Label: f.t("Serious"), Kind: yesNoField, Need: true},
		{Name: "criteria", Label: f.t("Serious because"), Kind: severalField, Options: f.options(study.SeriousCriteria()...), Hint: f.t("at least one, of what is serious")},
		{Name: "related", Label: f.t("Related to the treatment"), Kind: choiceField, Need: true, Options: f.options("unassessed", "unrelated", "possible", "probable", "definite")},
		{Name: "expected", Label: f.t("Expected"), Kind: choiceField, Options: f.options("expected", "unexpected"), Hint: f.t("left empty, it follows from the protocol's list")},
		{Name: "action", Label: f.t("Done with the treatment"), Kind: choiceField, Options: f.options("none", "paused", "reduced", "stopped", "unknown")},
	}
	if len(f.p.Unblindings) > 0 {
		out = append(out, f.unblinding())
	}
	return out
}

// ofDeath fills in what a fatal outcome says already: that it is serious, where
// nobody said otherwise, and why. Whoever says that it is not is told.
func ofDeath(form url.Values) {
	if form.Get("outcome") != study.OutcomeFatal || form.Get("serious") == "no" {
		return
	}
	form.Set("serious", "yes")
	if !slices.Contains(form["criteria"], study.CriterionDeath) {
		form.Add("criteria", study.CriterionDeath)
	}
}
