package figure

// Panel is a night with its spectrograms above the hypnogram, all on one axis of
// time.
type Panel struct {
	ID, Title    string
	Width        float64 // 720 if 0; that of its parts counts for nothing
	Spectrograms []Spectrogram
	Night        Hypnogram
}

// SVG draws the parts under each other. A spectrogram of a night takes its axis
// from the hypnogram; without a hypnogram each keeps its own.
func (p Panel) SVG() *Canvas {
	width := p.Width
	if !(width > 0) {
		width = 720
	}
	c := NewCanvas(p.ID, width, 0, p.Title, p.Describe())
	y := 0.0
	for i, s := range p.Spectrograms {
		s.ID, s.Width = c.Local("spectrogram-"+Int(i+1)), width
		if !p.Night.Night.IsEmpty() {
			s.Hours = p.Night.Night.Duration().Hours()
		}
		y = c.Place(s.SVG(), y)
	}
	if !p.Night.Night.IsEmpty() || len(p.Spectrograms) == 0 {
		h := p.Night
		h.ID, h.Width = c.Local("hypnogram"), width
		y = c.Place(h.SVG(), y)
	}
	c.SetHeight(y)
	return c
}

// Place puts another picture into this one, with its top at y, and gives the y
// of its foot. Its ids must not be those of this picture.
func (c *Canvas) Place(part *Canvas, y float64) float64 {
	for len(part.open) > 0 {
		part.Close()
	}
	c.Open("g", At("transform", "translate(0 "+Coord(y)+")"))
	for _, t := range []struct{ name, text string }{{"title", part.title}, {"desc", part.desc}} {
		if t.text != "" {
			c.body.WriteString("\n<" + t.name + ">" + Escape(t.text) + "</" + t.name + ">")
		}
	}
	c.body.WriteString(part.body.String())
	c.Close()
	return y + part.height
}

// Describe tells the parts one after the other.
func (p Panel) Describe() string {
	out := ""
	for _, s := range p.Spectrograms {
		out += s.Describe() + " "
	}
	return out + p.Night.Describe()
}
