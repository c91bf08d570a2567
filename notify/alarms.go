package notify

import "strings"

// alarms are what letters to the staff say of what cannot wait. None says what
// happened to whom, what somebody takes or what runs low: it stands behind the
// link, for whoever may see it.
var alarms = map[string]map[string]string{
	"serious.title": {"en": "Serious event: {who}", "sv": "Allvarlig händelse: {who}"},
	"serious.entered": {
		"en": "A serious event of {who} has been entered. It is to be passed on by {by}.\n\n{link}",
		"sv": "En allvarlig händelse hos {who} har förts in. Den ska rapporteras vidare senast {by}.\n\n{link}",
	},
	"serious.soon": {
		"en": "A serious event of {who} has not been passed on yet. It is to be passed on by {by}, which is less than six hours away.\n\n{link}",
		"sv": "En allvarlig händelse hos {who} har ännu inte rapporterats vidare. Den ska rapporteras senast {by}, om mindre än sex timmar.\n\n{link}",
	},
	"serious.overdue": {
		"en": "A serious event of {who} should have been passed on by {by}, and has not been.\n\n{link}",
		"sv": "En allvarlig händelse hos {who} skulle ha rapporterats vidare senast {by}, men har inte rapporterats.\n\n{link}",
	},
	"low.title": {"en": "Something runs low", "sv": "Något håller på att ta slut"},
	"low.body": {
		"en": "Of something that the trial hands out a fifth or less is left. What it is stands here:\n\n{link}",
		"sv": "Av något som studien delar ut återstår en femtedel eller mindre. Vad det är står här:\n\n{link}",
	},
}

// Stage is how far the clock of a serious event has come.
type Stage string

// The stages.
const (
	Entered Stage = "entered"
	Soon    Stage = "soon"    // less than six hours are left
	Overdue Stage = "overdue" // and it has not been passed on
)

func alarm(lang, title, body string, pairs ...string) Letter {
	if lang != "sv" {
		lang = "en"
	}
	r := strings.NewReplacer(pairs...)
	return Letter{lang, r.Replace(alarms[title][lang]), r.Replace(alarms[body][lang]) + "\n"}
}

// SeriousLetter tells how the clock of a serious event stands, and nothing of the
// event.
func SeriousLetter(lang, who string, stage Stage, by, link string) Letter {
	return alarm(lang, "serious.title", "serious."+string(stage), "{who}", who, "{by}", by, "{link}", link)
}

// LowLetter tells that something runs low, and not what.
func LowLetter(lang, link string) Letter {
	return alarm(lang, "low.title", "low.body", "{link}", link)
}
