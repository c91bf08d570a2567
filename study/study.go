// Package study is the trial's state machine: commands come in, events come
// out, and the state is a fold of the events. It touches no disk, clock or
// network: time, the protocol and the sealed list's public half are handed in.
//
//	Decide   (state, command, circumstances) → events, or a refusal. Pure.
//	Prepare  the same, as facts with their ledger entries.
//	Apply    folds one fact into the state; Replay does so from its entry.
//	Do       Prepare and Apply: a trial in memory.
//
// What a person goes through:
//
//	screened ─► consented ─► enrolled ─► randomised ─► completed
//	               │            │            │ ├─ withdrew from treatment ─┐
//	               └────────────┴────────────┴─┴─ withdrew from follow-up ◄┘
//
// and the trial:
//
//	opened ─► (participants' facts) ─► dry run ─► locked ─► allocations open ─► reported
//
// The rules that a command meets, in this order:
//
//   - The same idempotency key is never done twice: the first result stands.
//   - Time never runs backwards on the ledger. A command stamped at most two
//     seconds before the latest entry takes that entry's time (callers stamp
//     before they queue); one stamped earlier is refused.
//   - The first entry names the protocol and the sealed list by their hashes. A
//     list drawn from a seed is refused unless the participants are made up.
//   - Nothing about a participant is added after the lock; the lock needs a dry
//     run; openings need the lock; a report needs the openings.
//   - Nothing is collected before consent, and consent is to the version in
//     force. Nights that began before consent are refused with the rest.
//   - To randomise is to take the next slot of the stratum cell; an exhausted
//     cell refuses. Under minimisation it is to ask for one, which the custodian's
//     process names, and nobody else. A kit is the next of the slot's own chain for the visit.
//   - What comes outside a visit's window is taken, with a Deviation beside it.
//     A diary can be filled in on the day of waking up and for the days that the
//     protocol allows, and is then closed.
//   - What wants two people is proposed, and happens when another signs it.
//   - A person is judged by the protocol in force at her site at that moment; the
//     trial's arms, randomisation and estimands are those that it began with.
//   - While a query is open, neither the form nor the person nor the database is
//     locked. What is locked is unlocked by two, until the openings.
//   - After leaving follow-up only adverse events and corrections are taken.
//     Adverse events are taken at any time after consent.
//   - A correction changes one field, needs a reason, and keeps the old value.
//
// A local date in an event is that of the command's zone: where the person was
// (Meta.Zone), or else her own zone, or else the site's.
//
// What an entry looks like on the ledger is in doc/formats/events.md.
package study
