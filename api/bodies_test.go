package api

import (
	"net/http"
	"strings"
	"testing"

	"dvala/study"
)

const hash64 = "abababababababababababababababababababababababababababababababab"

const file64 = `{"sha256":"` + hash64 + `","bytes":3,"name":"x.json"}`

const adverse = `{"term":"headache","severity":"severe","serious":true,"related":"possible","onset":"2026-03-02","outcome":"ongoing","criteria":["hospitalisation"]}`

// dataOf is the data of one command of every name that can be about a person, as
// whoever may tells it of P0001 whom another gives (entries 7 to 9).
var dataOf = map[string]string{
	"answer":                 `{"instrument":"csd","night":"2026-03-03","language":"sv","answers":{"sol":10}}`,
	"answer-allocation":      `{"request":4,"slot":2,"seen":"` + hash64 + `","signature":"` + hash64 + hash64 + `"}`,
	"answer-query":           `{"query":9,"text":"yes"}`,
	"approve":                `{"proposal":3}`,
	"change-language":        `{"language":"en"}`,
	"change-reminders":       `{"channels":["mail"],"quiet":{"from":"01:00","to":"02:00"}}`,
	"change-wake":            `{"wake":"07:00","from":"2026-03-04"}`,
	"change-zone":            `{"zone":"Asia/Tokyo","from":"2026-03-04"}`,
	"close-query":            `{"query":9}`,
	"close-screening":        `{"why":"not-willing","note":"x"}`,
	"close-tasks":            `{}`,
	"complete":               `{}`,
	"confirm-unblinding":     `{"request":4}`,
	"consent":                `{"version":"1.0","language":"sv"}`,
	"correct":                `{"entry":7,"field":"answers.sol","new":12}`,
	"decline":                `{"proposal":3}`,
	"dispense":               `{"visit":"day-0"}`,
	"enrol":                  `{"zone":"Europe/Stockholm","wake":"07:00"}`,
	"excuse":                 `{"task":"diary","date":"2026-03-03"}`,
	"follow-pregnancy":       `{"pregnancy":4,"date":"2026-03-03","outcome":"ongoing"}`,
	"grant-unblinding":       `{"request":4,"by":"holder","holder":1,"key_file":` + file64 + `}`,
	"lock-form":              `{"entry":7}`,
	"lock-person":            `{}`,
	"note-deviation":         `{"code":"kit-mix-up","date":"2026-03-03","note":"x"}`,
	"note-event":             `{"event":"travel","from":"2026-03-03"}`,
	"note-held":              `{"held":1,"sent":"k","command":"answer","codes":["answers-range"],"sha256":"` + hash64 + `","made":"2026-03-03T07:00:00Z"}`,
	"override-eligibility":   `{"criteria":["adult"]}`,
	"raise-query":            `{"text":"is this right?"}`,
	"randomise":              `{}`,
	"record-erasure":         `{}`,
	"record-held-settled":    `{"held":1,"how":"discarded"}`,
	"record-medication":      `{"name":"alvedon","ongoing":true}`,
	"record-night":           `{"vendor":"oura","night":"2026-03-03","record":{"date":"2026-03-03","zone":"Europe/Stockholm","status":"not-worn","source":{"vendor":"oura"}},"source_file":` + file64 + `}`,
	"reopen-query":           `{"query":9}`,
	"replace-kit":            `{"kit":"1111-1112","what":"damaged"}`,
	"report-adverse-event":   adverse,
	"report-device-incident": `{"what":"lost","device":"oura","date":"2026-03-03","consequence":"data-lost"}`,
	"report-pregnancy":       `{"whose":"participant","known":"2026-03-03","note":"x"}`,
	"report-serious":         `{"event":8,"to":"sponsor","on":"2026-03-03T07:00:00Z"}`,
	"request-unblinding":     `{"physician":"Dr Ek","recipient":"age1"}`,
	"return":                 `{"visit":"day-7","kit":"K1","units":0}`,
	"review-deviation":       `{"entry":4,"category":"minor","note":"x"}`,
	"sign":                   `{"what":"person"}`,
	"take-dose":              `{"date":"2026-03-03","units":2}`,
	"unlock":                 `{"what":"form","entry":7}`,
	"update-adverse-event":   `{"event":8,` + adverse[1:],
	"verify-source":          `{"entry":8,"fields":["term"]}`,
	"withdraw":               `{"from":"treatment","why":"moved"}`,
}

// bodyOf gives a body with which an operation about a person can be asked, whose
// name is its last part of the path.
func bodyOf(t *testing.T, op operation) string {
	t.Helper()
	_, rest, _ := strings.Cut(op.path, "{subject}/")
	if data, is := dataOf[rest]; is {
		return `{"reason":"as agreed","data":` + data + `}`
	}
	switch {
	case op.method == http.MethodGet:
		return ""
	case rest == "contact":
		return `{"name":"Eva Ek","mail":"eva@example.se"}`
	case rest == "contact/erase":
		return `{"reason":"she asked"}`
	case rest == "invitation", rest == "invitation/mail":
		return `{"lang":"sv"}`
	case op.method == http.MethodPut && strings.Contains(rest, "file"):
		return "anything"
	}
	t.Errorf("no body for %s %s", op.method, op.path)
	return ""
}

// Every command about a person has a body here, which reads as that command.
func TestBodiesAreOfTheirCommands(t *testing.T) {
	for _, name := range study.CommandNames() {
		cmd, _ := study.Blank(name)
		data, there := dataOf[name]
		if there != study.AboutPerson(cmd) {
			t.Errorf("%s: a body is there: %t; it can be about a person: %t", name, there, !there)
		}
		if !there {
			continue
		}
		if _, err := study.ReadCommand(name, []byte(data)); err != nil {
			t.Errorf("%s %s: %v", name, data, err)
		}
	}
}
