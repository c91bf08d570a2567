package desk

import (
	"dvala/study"
)

// What an entry is about, for who may read it.
type matter int

const (
	ofPerson    matter = iota + 1 // what a person answered, took, suffered, or is planned to do
	ofSupply                      // slots and kits
	ofEmergency                   // who was told what somebody takes, and never what
	ofTrial                       // the trial itself
	ofEither                      // the person that it names, or with none the trial
)

// matters sorts every kind of entry. What is not in it only those read who read
// everything; a test holds it against the registry of kinds.
var matters = map[study.Kind]matter{
	study.KindOpened: ofTrial, study.KindDryRun: ofTrial, study.KindLocked: ofTrial, study.KindAllocationsOpen: ofTrial, study.KindReported: ofTrial,
	study.KindAmendmentInForce: ofTrial, study.KindClockJumped: ofTrial, study.KindClockConfirmed: ofTrial, study.KindAccessLog: ofTrial, study.KindListExtended: ofTrial, study.KindErased: ofTrial,
	study.KindProposed: ofEither, study.KindApproved: ofEither, study.KindDeclined: ofEither, study.KindUnlocked: ofEither, study.KindSigned: ofEither,

	study.KindAllocationRequested: ofSupply, study.KindAllocationAnswered: ofSupply,
	study.KindRandomised: ofSupply, study.KindDispensed: ofSupply, study.KindReturned: ofSupply,
	study.KindKitsReceived: ofSupply, study.KindKitNoted: ofSupply, study.KindKitReplaced: ofSupply,

	study.KindUnblindingRequested: ofEmergency, study.KindUnblindingGranted: ofEmergency, study.KindUnblindingConfirmed: ofEmergency,

	study.KindNotScreened: ofPerson, study.KindScreened: ofPerson, study.KindScreeningClosed: ofPerson, study.KindConsented: ofPerson,
	study.KindEnrolled: ofPerson, study.KindAnswered: ofPerson, study.KindNightRecorded: ofPerson, study.KindDoseTaken: ofPerson,
	study.KindEventOccurred: ofPerson, study.KindAdverseEvent: ofPerson, study.KindAdverseEventUpdated: ofPerson, study.KindSeriousReported: ofPerson,
	study.KindDeviation: ofPerson, study.KindDeviationReviewed: ofPerson, study.KindCorrected: ofPerson, study.KindWithdrew: ofPerson,
	study.KindCompleted: ofPerson, study.KindMissed: ofPerson, study.KindExcused: ofPerson, study.KindFormLocked: ofPerson, study.KindPersonLocked: ofPerson,
	study.KindSourceVerified: ofPerson, study.KindQueryRaised: ofPerson, study.KindQueryAnswered: ofPerson, study.KindQueryClosed: ofPerson,
	study.KindQueryReopened: ofPerson, study.KindMedication: ofPerson, study.KindPregnancy: ofPerson, study.KindPregnancyFollowed: ofPerson,
	study.KindDeviceIncident: ofPerson, study.KindWakeChanged: ofPerson, study.KindZoneChanged: ofPerson, study.KindLanguageChanged: ofPerson,
	study.KindRemindersChanged: ofPerson, study.KindHeld: ofPerson, study.KindHeldSettled: ofPerson,
}

// MayRead says whether a role reads the content of a kind of entry about a
// person, or with none about the trial, or only that there is one. A pharmacist
// reads of supply and not of answers; administrators and custodians read of no
// participant but in an emergency, in which they act; no role reads an arm, for
// none is there.
func MayRead(role study.Role, k study.Kind, who study.Subject) bool {
	what := matters[k]
	if what == ofEither {
		what = ofPerson
		if who == "" {
			what = ofTrial
		}
	}
	switch role {
	case study.RolePharmacist:
		return what == ofSupply || what == ofEmergency || what == ofTrial
	case study.RoleAdministrator, study.RoleCustodian:
		return what == ofEmergency || what == ofTrial
	}
	return true
}
