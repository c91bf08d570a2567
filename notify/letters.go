package notify

import (
	"strconv"
	"strings"
	"time"
)

// words are what letters say, in both languages by the same hand. None says what
// the trial is about, or what somebody takes: a letter is read by whoever stands
// beside.
var words = map[string]map[string]string{
	"sign-in.title": {"en": "Your link to sign in", "sv": "Din länk för att logga in"},
	"sign-in.body": {
		"en": "With this link you sign in once, within {n} minutes:\n\n{link}\n\nIf you did not ask for it, throw this letter away. Nobody comes in without the link.",
		"sv": "Med den här länken loggar du in en gång, inom {n} minuter:\n\n{link}\n\nHar du inte bett om den kan du slänga brevet. Utan länken kommer ingen in.",
	},
	"invitation.title": {"en": "Your way in", "sv": "Din väg in"},
	"invitation.body": {
		"en": "With this link you come in for the first time. It works once, for {n} days:\n\n{link}\n\nIf you did not expect it, throw this letter away, or ask those who have told you about the study.",
		"sv": "Med den här länken kommer du in första gången. Den fungerar en gång, i {n} dagar:\n\n{link}\n\nHar du inte väntat dig den kan du slänga brevet, eller fråga dem som berättat om studien för dig.",
	},
	"checkpoint.title": {"en": "{trial}: checkpoint of {day}", "sv": "{trial}: kontrollpunkt {day}"},
	"checkpoint.body": {
		"en": "The signed checkpoint of the ledger of {trial}. Keep it: with it anyone can tell later whether what was recorded until then was changed, removed or put in another order (dvala-verify --checkpoint FILE).\n\n{checkpoint}\nThe key that checks it:\n{key}",
		"sv": "Den undertecknade kontrollpunkten för liggaren i {trial}. Spara den: med den kan vem som helst senare avgöra om något som antecknats fram till dess har ändrats, tagits bort eller bytt plats (dvala-verify --checkpoint FIL).\n\n{checkpoint}\nNyckeln som den kontrolleras med:\n{key}",
	},
	"emergency.title": {"en": "Emergency: {who}", "sv": "Nödläge: {who}"},
	"emergency.body":  {"en": "{notice}\n\n{link}", "sv": "{notice}\n\n{link}"},
	"unblinded.title": {"en": "Emergency: {who} was unblinded", "sv": "Nödläge: {who} har avblindats"},
	"unblinded.body":  {"en": "{notice}\n\n{link}", "sv": "{notice}\n\n{link}"},
	"backup.title":    {"en": "{trial}: the backup failed", "sv": "{trial}: säkerhetskopian misslyckades"},
	"backup.body": {
		"en": "The daily backup of {trial} was not made:\n\n{why}\n\nThe trial goes on. See to it today: dvala doctor looks at everything that a trial needs.",
		"sv": "Den dagliga säkerhetskopian av {trial} blev inte gjord:\n\n{why}\n\nStudien går vidare. Åtgärda det i dag: dvala doctor ser efter allt som en studie behöver.",
	},
}

func letter(lang, key string, pairs ...string) Letter {
	if lang != "sv" {
		lang = "en"
	}
	r := strings.NewReplacer(pairs...)
	return Letter{lang, r.Replace(words[key+".title"][lang]), r.Replace(words[key+".body"][lang]) + "\n"}
}

// SignInLetter brings a link with which somebody signs in once.
func SignInLetter(lang, link string, lasts time.Duration) Letter {
	return letter(lang, "sign-in", "{link}", link, "{n}", strconv.Itoa(int(lasts.Minutes())))
}

// InvitationLetter brings a participant's first way in.
func InvitationLetter(lang, link string, lasts time.Duration) Letter {
	return letter(lang, "invitation", "{link}", link, "{n}", strconv.Itoa(int(lasts.Hours()/24)))
}

// CheckpointLetter brings a signed checkpoint to whoever keeps it outside the
// trial's machines.
func CheckpointLetter(lang, trial, day, checkpoint, key string) Letter {
	return letter(lang, "checkpoint", "{trial}", trial, "{day}", day, "{checkpoint}", checkpoint, "{key}", key)
}

// BackupLetter says to administrators that a backup failed.
func BackupLetter(lang, trial, why string) Letter {
	return letter(lang, "backup", "{trial}", trial, "{why}", why)
}

// EmergencyLetter says that somebody's treatment is asked for, or was told to a
// physician, in the trial's own words (study.Unblinding.Notice). What it is
// nobody who sends this knows.
func EmergencyLetter(lang, who, notice string, happened bool, link string) Letter {
	key := "emergency"
	if happened {
		key = "unblinded"
	}
	return letter(lang, key, "{who}", who, "{notice}", notice, "{link}", link)
}
