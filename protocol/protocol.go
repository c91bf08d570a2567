// Package protocol reads, checks and hashes the protocol file: the one place
// where a trial says what it asks, of whom, how, and how it will answer.
//
// A protocol is born in Parse and nowhere else; what has been checked is a
// Checked, and the rest of the house takes nothing less.
package protocol
