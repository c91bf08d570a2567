// Package protocol reads, checks and hashes the protocol file: the one place
// where a trial says what it asks, of whom, how, and how it will answer.
//
// A protocol is born in Parse and nowhere else; what has been checked is a
// Checked, and the rest of the house takes nothing less.
//
// The file is one YAML document. Its fields are those of the type Protocol, by
// the names in their yaml tags, each at most once and no others; there are no
// anchors, aliases or merge keys; numbers are decimal, and truth is true or
// false. Texts for participants are written in every language of the protocol:
//
//	dvala: 1
//	id: mgt-2024
//	languages: [en, sv]
//	arms:
//	  - id: threonate
//	    role: treatment
//	    label: {en: Magnesium L-threonate, sv: Magnesium-L-treonat}
//	    ratio: 1
//	…
//
// doc/formats/protocol.md describes every field, protocol.schema.json tells
// them to editors. The canonical form, of which the hash is taken, is JSON
// without what a writer is free to choose: order, space, comments, quotes, and
// whether nothing is written as nothing or left out. It is itself a protocol
// file.
//
// Nothing in the file is secret. It names the arms, and it is the only thing
// that does until the custodian's openings.
package protocol
