package desk_test

import (
	"context"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/remind"
	"dvala/fault"
	"dvala/study"
)

type sentBook []remind.Sent

func (b sentBook) Sent(context.Context, study.Subject, time.Time) ([]remind.Sent, error) {
	return b, nil
}

// What was sent is told with its sort, day and way, and neither with what it said
// nor to whom of the staff; the newest first, to those who watch over the trial.
func TestWhatWasSentIsTold(t *testing.T) {
	d := newDesks(t)
	at := d.at
	d.Furnish(desk.Parts{Sendings: sentBook{
		{Key: "diary 2026-03-04", Subject: d.one, Channel: remind.Push, At: at, Detail: "410 gone https://push.example/secret"},
		{Key: "diary 2026-03-04 again", Subject: d.one, Channel: remind.Mail, At: at.Add(time.Hour), OK: true},
		{Key: "serious 12 1 due anna", Subject: d.one, Channel: remind.Mail, At: at.Add(2 * time.Hour), OK: true},
		{Key: "unblinded 3 anna", Subject: d.one, Channel: remind.Mail, At: at.Add(3 * time.Hour), OK: true},
	}})
	for _, role := range []study.Role{study.RoleCoordinator, study.RoleInvestigator, study.RoleMonitor, study.RoleAuditor} {
		site := "main"
		if role == study.RoleAuditor {
			site = ""
		}
		got := must(d.SendingsTo(t.Context(), staff("anna", role, site), d.one))
		want := []desk.Sending{
			{N: 4, At: at.Add(3 * time.Hour), What: "letter", Staff: true, Channel: "mail", Taken: true},
			{N: 3, At: at.Add(2 * time.Hour), What: "serious", Staff: true, Channel: "mail", Taken: true},
			{N: 2, At: at.Add(time.Hour), What: "diary", Of: "2026-03-04", Again: true, Channel: "mail", Taken: true},
			{N: 1, At: at, What: "diary", Of: "2026-03-04", Channel: "push"},
		}
		for i := range want {
			if len(got) != len(want) || got[i] != want[i] {
				t.Fatalf("%s: %+v", role, got)
			}
		}
	}
	for _, c := range []desk.Caller{staff("p", study.RolePharmacist, "main"), staff("s", study.RoleStatistician, ""), staff("b", study.RoleCoordinator, "elsewhere"), desk.Participant(d.two)} {
		if _, err := d.SendingsTo(t.Context(), c, d.one); fault.CodeOf(err) != desk.CodeForbidden {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
