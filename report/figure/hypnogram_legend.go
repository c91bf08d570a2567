package figure

import (
	"math"
	"strings"
	"time"

	"dvala/civil"
	"dvala/sleep"
)

// lightMark is lights off or on, in hours from the start of the record.
type lightMark struct {
	hours float64
	label string
}

// marks lists the lights that are known and lie within the record.
func (h Hypnogram) marks() []lightMark {
	start, ok := h.Night.Start()
	if !ok {
		return nil
	}
	var out []lightMark
	for _, l := range []struct {
		at   time.Time
		name string
	}{{h.Lights.Off, "lights off "}, {h.Lights.On, "lights on "}} {
		v := l.at.Sub(start).Hours()
		if !l.at.IsZero() && v >= 0 && v <= h.Night.Duration().Hours() {
			out = append(out, lightMark{v, l.name + civil.ClockOf(l.at.In(start.Location())).String()})
		}
	}
	return out
}

// legend says in words what a reader cannot know: how the cycles are marked, and
// what is drawn where a stage was not told. It gives the picture's height.
func (h Hypnogram) legend(c *Canvas, y, width float64) float64 {
	n := h.Night
	type key struct {
		class string
		hatch bool
		text  string
	}
	var keys []key
	if cycles := cyclesOf(n, h.Lights); h.Cycles && len(cycles) > 0 {
		text := strings.Join(append([]string{"non-REM periods, numbered by cycle"}, cycleNotes(cycles)...), "; ")
		keys = append(keys, key{"cycle", false, text}, key{StageClass(sleep.R), false, "REM periods"})
	}
	if n.Count(sleep.Light) > 0 {
		keys = append(keys, key{StageClass(sleep.Light), false, "light: N1 or N2, the source does not tell which"})
	}
	if n.Count(sleep.Asleep) > 0 {
		keys = append(keys, key{StageClass(sleep.Asleep), true, "asleep, stage unknown"})
	}
	if n.Count(sleep.Unscored) > 0 {
		keys = append(keys, key{"st-none faint", true, "not scored"})
	}
	x, line := hypLeft, y+13
	for _, k := range keys {
		lines := Wrap(k.text, width-hypLeft-22, small)
		wide := 0.0
		for _, l := range lines {
			wide = math.Max(wide, Width(l, small))
		}
		if x > hypLeft && x+20+wide > width-4 {
			x, line = hypLeft, line+15
		}
		if k.class != "st-none faint" {
			c.Rect(k.class, x, line-8, 14, 8)
		}
		if k.hatch {
			c.Empty("rect", Class("st-none faint"), At("fill", "url(#"+c.Local("hatch")+")"), Num("x", x), Num("y", line-8), Num("width", 14), Num("height", 8))
		}
		line = c.Lines("small dim", x+20, line, 13, lines) - 13
		x += 20 + wide + 16
	}
	if len(keys) == 0 {
		return y
	}
	return line + 6
}
