package remind

import (
	"strconv"
	"strings"
)

// words are what reminders say, in both languages by the same hand. None says
// what the trial is about.
var words = map[string]map[string]string{
	"diary.title": {"en": "Good morning", "sv": "God morgon"},
	"diary.body":  {"en": "Your entry is open until {until}. It takes about two minutes.", "sv": "Du kan fylla i fram till {until}. Det tar ungefär två minuter."},
	"form.title":  {"en": "A form is waiting for you", "sv": "Ett formulär väntar på dig"},
	"form.body":   {"en": "You can fill it in until {until}.", "sv": "Du kan fylla i det till och med {until}."},
	"news.title":  {"en": "There is something new to read", "sv": "Det finns något nytt att läsa"},
	"news.body":   {"en": "Read it before you go on. It takes a few minutes.", "sv": "Läs det innan du fortsätter. Det tar några minuter."},
	"dose.title":  {"en": "Good evening", "sv": "God kväll"},
	"dose.body":   {"en": "A reminder, as you asked for.", "sv": "Påminnelsen som du bad om."},
	"alert.title": {"en": "{who} has been silent", "sv": "{who} har inte hörts av"},
	"alert.body": {
		"en": "{n} mornings in a row without an entry, from {since} on. No more reminders of this run are sent to you.",
		"sv": "{n} morgnar i rad utan anteckning, från och med {since}. Du får inget mer meddelande om den här raden.",
	},
	"mail.why": {
		"en": "You get this because you asked to be reminded. You can change that under Settings.",
		"sv": "Du får det här för att du bett om påminnelser. Du kan ändra det under Inställningar.",
	},
	"calendar.title": {"en": "Morning entry", "sv": "Fylla i på morgonen"},
}

func say(lang, key string, pairs ...string) string {
	text := words[key][lang]
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}

// Say gives one of the fixed sentences around a message: mail.why.
func Say(lang, key string) string { return say(lang, key) }

func count(n int) string { return strconv.Itoa(n) }
