package access

import (
	"context"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// Choose signs in as anyone, in a trial with made-up participants on this
// machine. It is refused everywhere else.
func (s *Service) Choose(ctx context.Context, v Visit, role study.Role, site string, who study.Subject) (Started, error) {
	if !s.Chooser {
		return Started{}, denied()
	}
	account := string(role)
	switch {
	case role == study.RoleParticipant && who == "":
		return Started{}, fault.New("subject-unknown", "subject", "choose a participant")
	case role == study.RoleParticipant:
		account, site = string(who), ""
	case !isStaff(role):
		return Started{}, fault.New(CodeAccount, "role", "%.40q is not a role", role)
	}
	out, err := s.newSession(account, v, MethodChosen)
	if err != nil {
		return Started{}, err
	}
	out.Role, out.Site = role, site
	return out, s.Store.Write(ctx, func(w Writer) error {
		if err := s.endToken(ctx, w, v.Token); err != nil {
			return err
		}
		if err := w.PutSession(ctx, out.Session); err != nil {
			return err
		}
		return s.log(ctx, w, desk.Caller{Account: account, From: v.From}, LogSignedIn, account, MethodChosen)
	})
}

func isStaff(r study.Role) bool {
	for _, x := range staffRoles {
		if x == r {
			return true
		}
	}
	return false
}

// chosenCaller is who a chosen session makes. Made-up people sign without a
// proof.
func chosenCaller(sess Session, now time.Time) desk.Caller {
	c := desk.Caller{Account: sess.Account, Session: sess.ID, Strong: now, Method: "made-up"} // she reads what her browser asks for
	if sess.Role == study.RoleParticipant {
		c.Subject = study.Subject(sess.Account)
		c.Grants = desk.Participant(c.Subject).Grants
		return c
	}
	c.Name = "Made-up " + string(sess.Role)
	c.Grants = []desk.Grant{{Role: sess.Role, Site: sess.Site}}
	return c
}
