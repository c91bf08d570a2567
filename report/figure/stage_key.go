package figure

import "dvala/sleep"

// StageKey is the colour of a stage as a small picture, for a page's legend. The
// id's beginning is the page's; the stage's class ends it.
func StageKey(id string, s sleep.Stage) *Canvas {
	name := StageName(s)
	c := NewCanvas(id+"-"+StageClass(s), 20, 14, name, "The colour of "+name+".")
	if s != sleep.Unscored {
		c.Rect(StageClass(s), 0, 1, 20, 12)
	}
	if s == sleep.Unscored || s == sleep.Asleep {
		c.Empty("rect", Class("st-none"), At("fill", c.Hatch("hatch")), Num("x", 0), Num("y", 1), Num("width", 20), Num("height", 12))
	}
	return c
}
