package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"

	"dvala/fault"
	"dvala/report/figure"
	"dvala/report/voice"
)

// Plan is a statistical analysis plan as a page: what Methods says, under the
// trial's name and question, with the hash of the protocol that it follows from.
type Plan struct {
	Title    string
	Question string
	Version  string // of the protocol
	Hash     string // SHA-256 of its canonical form
	Program  string
	Text     string // paragraphs parted by empty lines, as in the methods of a report
}

var planTemplate = template.Must(template.Must(template.New("plan").Funcs(template.FuncMap{"say": voice.Voice{}.Say}).Parse(pageSource)).New("plan-page").Parse(planSource))

const planSource = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="{{.Policy}}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="referrer" content="no-referrer"/>
<title>{{.Title}}</title>
<style>{{.Style}}</style>
</head>
<body>
<main>
<header class="first">
<p class="eyebrow">Statistical analysis plan</p>
<h1>{{.Plan.Title}}</h1>
<p class="question"><span class="tag">Asked</span> {{.Plan.Question}}</p>
</header>
<section id="plan" aria-labelledby="plan-head">
<h2 id="plan-head">What will be done</h2>
{{- range .Blocks}}{{template "block" .}}{{end}}
</section>
</main>
<footer>
<p>Follows from version {{.Plan.Version}} of the protocol, SHA-256 <code>{{.Plan.Hash}}</code>, and from nothing else: the methods of the report will be these words.</p>
{{- if .Plan.Program}}
<p>Made by {{.Plan.Program}}.</p>
{{- end}}
</footer>
</body>
</html>
`

// HTML writes the page. The bytes depend on the plan alone.
func (p Plan) HTML() ([]byte, error) {
	style := figure.Style() + pageStyle
	sum := sha256.Sum256([]byte(style))
	in := struct {
		Title, Policy string
		Style         template.CSS
		Plan          Plan
		Blocks        []block
	}{
		Title: "Analysis plan: " + p.Title, Style: template.CSS(style), Plan: p,
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
	}
	for _, text := range paragraphs(p.Text) {
		in.Blocks = append(in.Blocks, methodBlock(text))
	}
	var b bytes.Buffer
	if err := planTemplate.Execute(&b, in); err != nil {
		return nil, fault.Wrap("report-template", "plan", err)
	}
	return bytes.Map(func(c rune) rune {
		if figure.Printable(c) {
			return c
		}
		return -1
	}, b.Bytes()), nil
}
