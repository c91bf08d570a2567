// Package estimate turns a protocol's estimands into analyses: facts and an
// allocation become tables, tables become models, models become Results. It
// knows no disk and no page; a trial run elsewhere comes in through the same
// tables as one run here.
package estimate
