package person

import (
	"net/url"
	"strings"
	"testing"

	"dvala/desk"
	"dvala/study"
)

// In the example an invited person answers the items of the questionnaire whose sum decides her
// stratum, and is asked only what concerns her: a man not whether he is pregnant,
// a woman once she has said that she is one.
func TestScreeningAsksWhatConcernsHer(t *testing.T) {
	for _, sex := range []string{"male", "female"} {
		w := newWorld(t, example(), Options{})
		w.pages.opt.Entrance = invited{t, w}
		w.as(desk.Caller{Account: "invited-1", Grants: []desk.Grant{{Role: study.RoleParticipant, Site: "main"}}})
		_, body, _ := w.get(t, "/me/eligible?lang=en")
		if strings.Contains(body, "pregnant") || strings.Contains(body, `name="q.isi"`) || strings.Count(body, `data-item="isi`) != 7 || !strings.Contains(body, "<h2>Questions about trouble sleeping</h2>") {
			t.Fatalf("the questions are not those that concern everybody")
		}
		form := url.Values{"q.age": {"41"}, "q.sex": {sex}, "q.poor_sleep": {"true"}, "q.kidney_disease": {"false"}, "q.takes_magnesium": {"false"}, "q.sleep_medicine": {"false"}, "q.night_shifts": {"false"}}
		for i, n := range []string{"3", "2", "2", "3", "2", "2"} {
			form.Set("a.isi"+string(rune('1'+i)), n)
		}
		_, body, _ = w.post(t, "/me/eligible?lang=en", form)
		if !strings.Contains(body, `id="p-isi7"`) || strings.Contains(body, `id="p-isi6"`) || !strings.Contains(body, `value="41"`) {
			t.Error("the item that is wanting is not pointed to, or what was said is lost")
		}
		form.Set("a.isi7", "2")
		status, body, head := w.post(t, "/me/eligible?lang=en", form)
		if sex == "female" {
			if !strings.Contains(body, "pregnant") {
				t.Fatalf("%d: a woman is not asked", status)
			}
			form.Set("q.pregnant", "false")
			_, _, head = w.post(t, "/me/eligible?lang=en", form)
		}
		if head.Get("Location") != "/me/consent" {
			t.Fatalf("a %s goes to %q", sex, head.Get("Location"))
		}
		w.state(func(s *study.State) {
			a := s.People[w.caller().Subject].Screening.Answers
			if x, _ := a["isi"].Number(); x != 16 { // 3+2+2+3+2+2+2
				t.Errorf("the sum is %v", a["isi"])
			}
			if no, said := a["pregnant"].Bool(); no || said != (sex == "female") {
				t.Errorf("a %s answered %v", sex, a["pregnant"])
			}
		})
	}
}
