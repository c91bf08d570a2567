package people

import (
	"context"
	"time"

	"dvala/desk/access"
	"dvala/study"
)

const invitationColumns = "SELECT id, hash, code_hash, site, lang, note, made_by, made, expires, revoked, most, used FROM invitations "

func scanInvitation(r interface{ Scan(...any) error }) (access.Invitation, error) {
	var i access.Invitation
	var made, expires, revoked int64
	err := r.Scan(&i.ID, &i.Hash, &i.CodeHash, &i.Site, &i.Lang, &i.Note, &i.By, &made, &expires, &revoked, &i.Most, &i.Used)
	i.Made, i.Expires, i.Revoked = moment(made), moment(expires), moment(revoked)
	return i, err
}

// Invitation gives one by its public number.
func (r rows) Invitation(ctx context.Context, id string) (access.Invitation, bool, error) {
	return one(scanInvitation(r.q.QueryRowContext(ctx, invitationColumns+"WHERE id = $1", id)))
}

// InvitationBy gives one by the hash of its token or code.
func (r rows) InvitationBy(ctx context.Context, hash string) (access.Invitation, bool, error) {
	return one(scanInvitation(r.q.QueryRowContext(ctx, invitationColumns+"WHERE hash = $1 OR code_hash = $1", hash)))
}

// Invitations gives all, the newest first, each with the codes of those who came.
func (r rows) Invitations(ctx context.Context) ([]access.Invitation, error) {
	rs, err := r.q.QueryContext(ctx, invitationColumns+"ORDER BY made DESC, id")
	list, err := all(rs, err, scanInvitation)
	if err != nil {
		return nil, err
	}
	rs, err = r.q.QueryContext(ctx, arrivalColumns+"WHERE subject <> '' ORDER BY at, session")
	came, err := all(rs, err, scanArrival)
	if err != nil {
		return nil, err
	}
	of := map[string][]study.Subject{}
	for _, a := range came {
		of[a.Invitation] = append(of[a.Invitation], a.Subject)
	}
	for i := range list {
		list[i].Came = of[list[i].ID]
	}
	return list, nil
}

// PutInvitation adds one.
func (r rows) PutInvitation(ctx context.Context, i access.Invitation) error {
	_, err := r.q.ExecContext(ctx, "INSERT INTO invitations (id, hash, code_hash, site, lang, note, made_by, made, expires, revoked, most, used) "+
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, 0)",
		i.ID, i.Hash, i.CodeHash, i.Site, i.Lang, i.Note, i.By, micro(i.Made), micro(i.Expires), i.Most)
	return err
}

// RevokeInvitation closes one.
func (r rows) RevokeInvitation(ctx context.Context, id string, at time.Time) (bool, error) {
	return changed(r.q.ExecContext(ctx, "UPDATE invitations SET revoked = $2 WHERE id = $1 AND revoked = 0", id, micro(at)))
}

const arrivalColumns = "SELECT session, invitation, at, taken, subject, device FROM arrivals "

func scanArrival(r interface{ Scan(...any) error }) (access.Arrival, error) {
	var a access.Arrival
	var at, taken int64
	var subject string
	err := r.Scan(&a.Session, &a.Invitation, &at, &taken, &subject, &a.Device)
	a.At, a.Taken, a.Subject = moment(at), moment(taken), study.Subject(subject)
	return a, err
}

// ArrivalOf gives the visit that a session is of.
func (r rows) ArrivalOf(ctx context.Context, session string) (access.Arrival, bool, error) {
	return one(scanArrival(r.q.QueryRowContext(ctx, arrivalColumns+"WHERE session = $1", session)))
}

// ArrivalsOn gives those who answered on a device, the first one first; with none
// named, all who answered on any that is known.
func (r rows) ArrivalsOn(ctx context.Context, device string) ([]access.Arrival, error) {
	rs, err := r.q.QueryContext(ctx, arrivalColumns+"WHERE subject <> '' AND device <> '' AND (device = $1 OR $1 = '') ORDER BY at, session", device)
	return all(rs, err, scanArrival)
}

// PutArrival adds one.
func (r rows) PutArrival(ctx context.Context, a access.Arrival) error {
	_, err := r.q.ExecContext(ctx, "INSERT INTO arrivals (session, invitation, at, taken, subject) VALUES ($1, $2, $3, 0, '')", a.Session, a.Invitation, micro(a.At))
	return err
}

// TakePlace takes one of the places of an invitation that is open, in the one
// statement that only as many as there are can win. A visit that has one keeps it.
func (r rows) TakePlace(ctx context.Context, session string, now time.Time) (bool, error) {
	first, err := changed(r.q.ExecContext(ctx, "UPDATE arrivals SET taken = $2 WHERE session = $1 AND taken = 0", session, micro(now)))
	if err != nil {
		return false, err
	}
	if !first {
		_, had, err := r.ArrivalOf(ctx, session)
		return had, err
	}
	return changed(r.q.ExecContext(ctx, "UPDATE invitations SET used = used + 1 WHERE id = (SELECT invitation FROM arrivals WHERE session = $1) "+
		"AND revoked = 0 AND expires > $2 AND used < most", session, micro(now)))
}

// NoteArrival writes down the code that somebody got.
func (r rows) NoteArrival(ctx context.Context, session string, who study.Subject) error {
	_, err := r.q.ExecContext(ctx, "UPDATE arrivals SET subject = $2 WHERE session = $1", session, string(who))
	return err
}

// NoteDevice writes down on which device somebody answered.
func (r rows) NoteDevice(ctx context.Context, session, device string) error {
	_, err := r.q.ExecContext(ctx, "UPDATE arrivals SET device = $2 WHERE session = $1", session, device)
	return err
}

// ForgetDevice takes that away from a person.
func (r rows) ForgetDevice(ctx context.Context, who study.Subject) error {
	_, err := r.q.ExecContext(ctx, "UPDATE arrivals SET device = '' WHERE subject = $1", string(who))
	return err
}
