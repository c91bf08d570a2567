package instrument

// Variable is one column of a data set, as the data dictionary tells it.
type Variable struct {
	Instrument ID        `json:"instrument"`
	Version    string    `json:"version"`
	Name       string    `json:"name"` // the item's or scale's own name
	Label      Text      `json:"label"`
	Role       Role      `json:"role"`
	Kind       Kind      `json:"kind,omitempty"` // of an item
	Unit       string    `json:"unit,omitempty"`
	Min        *float64  `json:"min,omitempty"` // absent where the values are no numbers
	Max        *float64  `json:"max,omitempty"`
	Better     Better    `json:"better,omitempty"`   // as the value stands in the column
	Reversed   bool      `json:"reversed,omitempty"` // the item enters its score as min + max − value
	Compares   bool      `json:"compares,omitempty"` // with usual: already a difference
	Codes      []Option  `json:"codes,omitempty"`
	Certainty  Certainty `json:"certainty"` // of label and polarity, or of the scoring rule
	Noticeable *float64  `json:"noticeable,omitempty"`
}

// Role tells answers from what is computed of them.
type Role string

const (
	ItemRole    Role = "item"
	ScoreRole   Role = "score"
	DerivedRole Role = "derived" // from several answers, as a diary night
)

// Variables gives the columns an instrument makes: its items as answered, then
// its scores, in the order of the definition. Inner scales are not among them.
func (d *Definition) Variables() []Variable {
	var out []Variable
	for i := range d.Items {
		out = append(out, d.itemVariable(&d.Items[i]))
	}
	return append(out, d.ScoreVariables()...)
}

// ScoreVariables gives the columns of the scores alone.
func (d *Definition) ScoreVariables() []Variable {
	var out []Variable
	for i := range d.Scales {
		s := &d.Scales[i]
		if s.Inner {
			continue
		}
		v := d.variable(string(s.ID), s.Label, ScoreRole)
		v.Unit, v.Better, v.Certainty = s.Unit, s.Better, s.Basis.Certainty
		v.Min, v.Max = new(s.Range[0]), new(s.Range[1])
		if s.Noticeable != nil {
			v.Noticeable = new(s.Noticeable.Value)
		}
		out = append(out, v)
	}
	return out
}

func (d *Definition) variable(name string, label Text, role Role) Variable {
	return Variable{
		Instrument: d.ID, Version: d.Version, Name: name, Label: label, Role: role,
		Compares: d.Recall.Kind == ComparesWithUsual,
	}
}

func (d *Definition) itemVariable(it *Item) Variable {
	v := d.variable(string(it.ID), it.Topic, ItemRole)
	v.Kind, v.Unit, v.Better, v.Reversed, v.Certainty = it.Kind, it.Unit, it.Better, it.Reverse, it.Basis.Certainty
	if it.numeric() {
		v.Min, v.Max = new(float64(it.Min)), new(float64(it.Max))
	}
	v.Codes = it.Choices
	return v
}
