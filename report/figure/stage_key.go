package figure

import (
	"dvala/report/voice"
	"dvala/sleep"
)

// StageKey is the colour of a stage as a small picture, for a page's legend. The
// id's beginning is the page's; the stage's class ends it.
func StageKey(id string, s sleep.Stage) *Canvas { return StageKeyIn(english, id, s) }

// StageKeyIn is StageKey with its words in a voice.
func StageKeyIn(v voice.Voice, id string, s sleep.Stage) *Canvas {
	name := v.Say(StageName(s))
	c := NewCanvas(id+"-"+StageClass(s), 20, 14, name, v.Say("The colour of %s.", name))
	if s != sleep.Unscored {
		c.Rect(StageClass(s), 0, 1, 20, 12)
	}
	if s == sleep.Unscored || s == sleep.Asleep {
		c.Empty("rect", Class("st-none"), At("fill", c.Hatch("hatch")), Num("x", 0), Num("y", 1), Num("width", 20), Num("height", 12))
	}
	return c
}
