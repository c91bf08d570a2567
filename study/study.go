// Package study is the trial's state machine: commands come in, events come
// out, and the state is a fold of the events. It touches no disk, clock or
// network: time, the protocol and the sealed list's public half are handed in.
package study
