// Package heart measures heart rate and its variability from the times of
// beats, over a night and by sleep stage.
//
// An interval is the time from one beat to the next, in milliseconds. A normal
// interval, NN, is one that Normal lets stand; all measures rest on those, and
// say on how many. What a night does not define is absent, never 0.
package heart
