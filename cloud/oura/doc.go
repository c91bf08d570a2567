// Package oura fetches documents from the Oura API v2 over the network, for the
// one person who let it.
//
// # Consent
//
// Login runs OAuth 2 with a code (RFC 6749) and a proof key (PKCE, RFC 7636): it
// listens on the loopback of this machine, has a person open Oura's page, takes
// the one answer whose state is the one it sent, and exchanges the code for
// tokens. They are kept in a file that only its owner can read; a file that
// others can read is refused. A refresh token works once, so its successor is
// on disk before the new access token is used.
//
// # Fetching
//
// A Client asks for one route at a time, page after page, and never faster than
// Limit requests in Window. An answer 429 is waited for as long as it says
// (Retry-After, else X-RateLimit-Reset), 5xx and broken connections with
// doubling pauses, and all of it only so often. Tokens go to https and to
// loopback addresses only, and not along with a redirection.
//
// Oura corrects nights for days after: algorithms run again, people edit their
// bedtimes, phones come back online. So Update asks again for a trailing window
// before the last day it has, and keeps what is new or has changed in a new file
// beside the old ones:
//
//	oura-20261123T042900Z.json   {"sleep": [ … ], "daily_sleep": [ … ], …}
//
// Nothing is overwritten. Read in order of their names, by wearable/oura or by
// dvala score, the later document counts. A sleep that the API does not give
// any more is written once again with the type deleted.
//
// # Being told
//
// A Hook answers Oura's notifications: it checks their signature and their age,
// and lets none through twice. Subscriptions are listed, made and renewed.
package oura
