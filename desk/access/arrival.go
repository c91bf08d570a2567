package access

import (
	"context"

	"dvala/desk"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// Screen hands in the screening answers of somebody who came by an invitation.
// From then on her session is that of the code that she has got, whatever the
// rules said of her: she can see why, and what is kept of her.
//
// Her place is taken before the trial is asked and the code written down after
// it. What a stop leaves between the two is picked up by sending the same again:
// the trial knows the answers of this session by their key.
func (s *Service) Screen(ctx context.Context, v Visit, c desk.Caller, lang string, answers protocol.Answers) (Started, study.Subject, error) {
	if s.Screening == nil || c.Method != MethodScreening || c.Subject != "" || c.Session == "" {
		return Started{}, "", fault.New(desk.CodeSignIn, "", "an invitation leads here")
	}
	if err := s.limit(ctx, "screen:"+v.Addr, screenBucket); err != nil {
		return Started{}, "", err
	}
	err := s.Store.Write(ctx, func(w Writer) error {
		ok, err := w.TakePlace(ctx, c.Session, s.Now())
		if err == nil && !ok {
			err = denied()
		}
		return err
	})
	if err != nil {
		return Started{}, "", err
	}
	who, err := s.Screening.ScreenOneself(ctx, c, answers, "screening-"+c.Session)
	if err != nil {
		return Started{}, "", err
	}
	device, err := s.mark(v)
	if err != nil {
		return Started{}, "", err
	}
	var out Started
	err = s.Store.Write(ctx, func(w Writer) error {
		if err := w.NoteArrival(ctx, c.Session, who); err != nil {
			return err
		}
		if err := w.NoteDevice(ctx, c.Session, hashOf(device)); err != nil {
			return err
		}
		a, ok, err := w.Account(ctx, string(who))
		if err != nil {
			return err
		}
		if !ok {
			a = Account{ID: string(who), Subject: who, Lang: lang, Created: s.Now(), By: c.Account}
			if err := w.PutAccount(ctx, a); err != nil {
				return err
			}
			if err := s.log(ctx, w, c, LogAccountAdded, a.ID, "screened herself"); err != nil {
				return err
			}
		}
		out, err = s.start(ctx, w, a, v, MethodInvitation)
		return err
	})
	out.Device = device
	return out, who, err
}
