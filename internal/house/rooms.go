// Package house knows which rooms the program has, on which floor each stands,
// and what may lead where. Its tests read the source files themselves and fail
// for a package that is not listed, an import that breaks a wall, a clock or
// global randomness where there must be none, a page that does not resolve,
// and a file or function that has grown past its size without a stated reason.
//
// The plan in words is doc/architecture.md; this table is what is enforced.
package house

// Room is one directory of the tree with all that lies below it, unless a
// longer path is listed.
type Room struct {
	Path  string // from the root, with slashes
	Floor int    // 0 base, 1 science, 2 rules, 3 what people do, 4 outside world, 5 programs
	// Beside lists neighbours on the same floor that this room may import.
	Beside []string
}

// Rooms is the whole house. A package that lies in none of them fails the test.
var Rooms = []Room{
	{Path: "fault", Floor: 0},
	{Path: "civil", Floor: 0, Beside: []string{"fault"}},
	{Path: "examples", Floor: 0},

	{Path: "sleep", Floor: 1},
	{Path: "sleep/agree", Floor: 1, Beside: []string{"sleep", "stats"}},
	{Path: "edf", Floor: 1, Beside: []string{"sleep"}},
	{Path: "wearable", Floor: 1, Beside: []string{"sleep"}},
	{Path: "signal", Floor: 1, Beside: []string{"sleep"}},
	{Path: "instrument", Floor: 1, Beside: []string{"sleep"}},
	{Path: "stats", Floor: 1},

	{Path: "ledger", Floor: 2},
	{Path: "protocol", Floor: 2, Beside: []string{"seal"}},
	{Path: "schedule", Floor: 2, Beside: []string{"protocol"}},
	{Path: "seal", Floor: 2},
	{Path: "seal/open", Floor: 2, Beside: []string{"seal"}},
	{Path: "alloc", Floor: 2, Beside: []string{"alloc/design", "protocol", "seal"}},
	{Path: "alloc/design", Floor: 2, Beside: []string{"protocol"}},
	{Path: "study", Floor: 2, Beside: []string{"protocol", "schedule", "seal", "ledger"}},

	{Path: "custody", Floor: 3},
	{Path: "desk", Floor: 3, Beside: []string{"desk/tally"}},
	{Path: "desk/tally", Floor: 3},
	{Path: "desk/access", Floor: 3, Beside: []string{"desk"}},
	{Path: "desk/contact", Floor: 3, Beside: []string{"desk", "identity"}},
	{Path: "identity", Floor: 3},
	{Path: "desk/watch", Floor: 3, Beside: []string{"desk/tally"}},
	{Path: "estimate", Floor: 3},
	{Path: "report", Floor: 3, Beside: []string{"estimate"}},
	{Path: "simulate", Floor: 3, Beside: []string{"custody", "estimate"}},

	{Path: "store", Floor: 4},
	{Path: "store/people", Floor: 4},
	{Path: "jobs", Floor: 4, Beside: []string{"store"}},
	{Path: "ui", Floor: 4},
	{Path: "api", Floor: 4},
	{Path: "exchange", Floor: 4},
	{Path: "cloud", Floor: 4},
	{Path: "notify", Floor: 4},

	{Path: "cmd/dvala", Floor: 5, Beside: []string{"cmd/dvala-verify"}},
	{Path: "cmd/dvala-verify", Floor: 5},
	{Path: "internal/house", Floor: 5},
}

// Wall is a package that only a few may import.
type Wall struct {
	Package string
	Only    []string // rooms
	Because string
}

// Walls are the blinding.
var Walls = []Wall{
	{
		Package: "alloc", Only: []string{"custody", "simulate", "cmd/dvala-verify"},
		Because: "a list lives only between being made and being sealed",
	},
	{
		Package: "seal/open", Only: []string{"custody"},
		Because: "anybody may hold an envelope; nobody else can open one",
	},
	{
		Package: "custody", Only: []string{"simulate", "cmd/dvala"},
		Because: "the only room that holds a list in the clear is entered by the custodian's verbs alone",
	},
	{
		Package: "crypto/rand", Only: []string{"seal", "custody", "cmd/dvala", "store"},
		Because: "what is secret must not be reproducible, and what is science must be",
	},
	{
		Package: "identity", Only: []string{"desk/contact", "notify", "cmd/dvala"},
		Because: "analysis and report cannot name anyone, even by mistake",
	},
}

// Pure rooms (floors 0 to 2) import none of these, nor anything below them.
var impure = []string{"os", "net", "database/sql", "log", "syscall", "io/ioutil", "plugin", "runtime/debug", "math/rand", "unsafe", "testing"}

// Calls of these in a pure room read a clock.
var clocks = map[string]bool{"Now": true, "Since": true, "Until": true, "After": true, "Tick": true, "NewTimer": true, "NewTicker": true, "Sleep": true, "AfterFunc": true}

// Of math/rand/v2, a pure room may call only what makes a generator.
var generators = map[string]bool{"New": true, "NewPCG": true, "NewChaCha8": true, "NewZipf": true}

// Sizes that want a reason when passed.
const (
	maxFileLines   = 600
	maxFuncLines   = 80
	maxKernelLines = 120 // numbered numerical kernels, on floor 1
)

// Reasons lists the files and functions that may be longer, and why.
var Reasons = map[string]string{}
