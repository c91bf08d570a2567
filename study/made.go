package study

import "dvala/fault"

// Queued says of a command whether a person's device keeps it for later when it has no
// network. Such, and no others, may say when they were made (Meta.Made).
func Queued(cmd Command) bool {
	switch cmd.(type) {
	case Answer, TakeDose, RecordNight, ReportAdverseEvent, RecordMedication, ReportPregnancy, ReportDeviceIncident,
		ChangeWake, ChangeZone, ChangeLanguage, ChangeReminders, Withdraw, Correct, AnswerQuery:
		return true
	}
	return false
}

// mayDate refuses the time of another clock than the server's of all but her own
// device, and of what staff file as it was held from there. It is the date by which
// windows are judged: whoever could choose it could fill in, randomise or withdraw
// on any day of the last fourteen.
func (d *decision) mayDate(cmd Command) error {
	hers := d.m.Role == RoleParticipant || d.m.Refiled
	if d.m.Made.IsZero() || hers && Queued(cmd) {
		return nil
	}
	return fault.New("made-role", "made", "only a participant's own device says when something was done, and of this nobody does").
		WithHint("leave it out: what is entered for somebody is entered now, and its own dates say of when it is")
}
