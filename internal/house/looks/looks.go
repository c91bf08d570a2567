// Package looks says what every page has to be to whoever looks at it, as scripts
// that a test lets the page itself run: targets large enough for a thumb, nothing
// lost when text is twice as large, nothing that axe-core finds serious. The
// pages of staff, of participants, and of the program as it is started are held
// to the same.
package looks

import (
	_ "embed"
	"os"
	"os/exec"
	"sync"
)

// Targets gives a line for each thing that can be pressed and is smaller than
// 44 by 44 points, or is covered there by something else: an array of strings.
//
//go:embed targets.js
var Targets string

// Lost gives a line for each thing that is lost when text is twice as large: an
// array of strings.
//
//go:embed lost.js
var Lost string

// Chromium finds the browser.
func Chromium() (path string, ok bool) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p, true
		}
	}
	return "", false
}

var source = sync.OnceValues(func() (string, error) {
	path := os.Getenv("DVALA_AXE")
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	return string(b), err
})

// Axe gives a script that lets axe-core look at a page and promises an array of
// strings: what is serious or critical. It is empty where DVALA_AXE names no
// axe.min.js.
func Axe() (script string, err error) {
	axe, err := source()
	if axe == "" || err != nil {
		return "", err
	}
	return axe + ";" + run("{}"), nil
}

// AxeColours is the script that looks at colours alone, on a page on which Axe
// has run: nothing else changes with the light.
var AxeColours = run(`{runOnly: {type: "rule", values: ["color-contrast"]}}`)

func run(options string) string {
	return `axe.run(document, {resultTypes: ["violations"], preload: false, ...` + options + `}).then(
	(r) => r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " + ((n.failureSummary ?? "").split("\n")[1] ?? "").trim()).join(" | ")),
	(e) => [String(e)])`
}
