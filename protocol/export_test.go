package protocol

// MaxName is how long a name may be.
const MaxName = maxName

// FormPattern gives the pattern of a way of writing a name.
func FormPattern(name string) string { return forms[name].pattern.String() }
