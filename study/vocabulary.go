package study

import (
	"maps"
	"slices"

	"dvala/schedule"
)

// vocabulary holds every fixed set of words that a field of a fact may hold, by
// what they are words of. Pages have each of them in each of their languages.
var vocabulary = map[string][]string{
	"severity":     {"mild", "moderate", "severe"},
	"related":      {"unassessed", "unrelated", "possible", "probable", "definite"},
	"outcome":      {"recovered", "recovering", "ongoing", "sequelae", "fatal", "unknown"},
	"expected":     {"expected", "unexpected"},
	"criterion":    SeriousCriteria(),
	"action":       {"none", "paused", "reduced", "stopped", "unknown"},
	"task":         {string(schedule.Visit), string(schedule.Diary), string(schedule.Device), string(schedule.Dose)},
	"category":     {CategoryMinor, CategoryMajor},
	"settled":      {HeldFiled, HeldDiscarded},
	"how":          {"answered", "corrected", "waived"},
	"means":        {MeansReview, MeansApproval, MeansResponsibility, MeansAuthorship, MeansConsent},
	"whose":        {"participant", "partner"},
	"pregnancy":    {"ongoing", "live-birth", "miscarriage", "termination", "stillbirth", "unknown"},
	"incident":     {"malfunction", "lost", "skin-reaction", "injury", "wrong-data", "worn-by-other", "other"},
	"consequence":  {"none", "data-lost", "device-replaced", "harm"},
	"not-screened": WhyNot(),
	"channel":      {"mail", "push", "calendar"},
	"granted":      {ByCustodian, ByHolder},
	"withdrawal":   {FromTreatment, FromDevice, FromFollowUp, FromIdentifiers},
	"why":          {"adverse-event", "lost-to-follow-up", "no-time", "moved", "not-said", WhyDied, "other"},
	"kit":          unfit,
	"stock":        {KitAnnounced, KitInStock, KitHandedOut, KitReturned, KitSwapped, KitLost, KitDamaged, KitExpired, KitRecall},
	"event":        {EventStoppedDose, EventSleepAid, EventTravel, EventRingLost, EventUnblinded, EventWithdrew, EventDied},
	"of":           {OfForm, OfPerson, OfTrial},
	"query":        {QueryIsOpen, QueryIsAnswered, QueryIsClosed},
	"sealing":      {"custodian", "seed"},
	"role": {
		string(RoleParticipant), string(RoleCoordinator), string(RoleInvestigator), string(RolePharmacist), string(RoleCustodian), string(RoleStatistician),
		string(RoleMonitor), string(RoleAuditor), string(RoleAdministrator), string(RoleSystem),
	},
	// Of the deviations that the program finds; people note others.
	"deviation": {
		"eligibility-overridden", "device-clock-doubted", "randomised-early", "enrolled-not-eligible", "visit-outside-window", "dose-above-plan",
	},
	// What a correction may change, members of answers aside.
	"field": correctableFields(),
}

// Vocabulary gives the words of a sort: severity and the like; none of a sort
// that there is not.
func Vocabulary(sort string) []string { return slices.Clone(vocabulary[sort]) }

// Vocabularies gives the sorts, by name.
func Vocabularies() []string { return slices.Sorted(maps.Keys(vocabulary)) }

func correctableFields() []string {
	seen := map[string]bool{}
	for _, fields := range correctable {
		for _, f := range fields {
			if f != "answers." {
				seen[f] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
