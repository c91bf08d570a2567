package ui

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A page in Swedish says nothing in English: no text of it holds a word that only
// our English sentences have. What people wrote, codes of people and kits, and the
// bytes of entries are theirs.
func TestPagesAreSwedish(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	c := must(readWords())
	english, swedish := map[string]bool{}, map[string]bool{}
	for e, s := range c.swedish {
		noteWords(english, places.ReplaceAllString(e, " "))
		noteWords(swedish, places.ReplaceAllString(s, " "))
	}
	for key, of := range c.codes {
		_, code, _ := strings.Cut(key, ":")
		noteWords(english, strings.ReplaceAll(code, "-", " "))
		noteWords(english, of["en"])
		noteWords(swedish, of["sv"])
	}
	for _, who := range []string{"investigator", "pharmacist", "custodian", "administrator", "statistician", "monitor"} {
		for _, path := range []string{
			"/", "/participants", "/participants/P0001", "/participants/P0002", "/participants/P0003", "/participants/P0002/timeline", "/participants/P0002/entry/9", "/participants/P0002/entry/9/history",
			"/screening", "/queries", "/due?week=yes", "/due?kind=diary&day=3&part=late", "/forms?instrument=csd&part=items", "/forms?visit=day-0&instrument=isi&part=came", "/corrections", "/protocol", "/participants?flow=enrolled", "/participants?failed=age&screened=2026-01-01..", "/invitations", "/safety", "/stock", "/held", "/quality", "/emergencies", "/allocations", "/proposals", "/instruments", "/report", "/data", "/trail", "/ledger", "/end", "/accounts", "/work", "/sessions",
			"/nowhere", "/sign-in",
		} {
			w := get(t, h, path, as(who), in("sv"))
			if w.Code == http.StatusForbidden {
				continue
			}
			for _, text := range texts(t, w.Body.String()) {
				text = theirs.Replace(text)
				if accounts[text] {
					continue
				}
				for _, x := range word.FindAllString(text, -1) {
					if x = strings.ToLower(x); len(x) > 2 && english[x] && !swedish[x] && !slices.Contains(alsoSwedish, x) {
						t.Errorf("%s, %s: %q in %q", who, path, x, text)
					}
				}
			}
		}
	}
}

var places = regexp.MustCompile(`%[a-z]`)

// alsoSwedish are words of our English sentences that are as good in a Swedish
// text.
var alsoSwedish = []string{}

// theirs takes out what the trial's own files and an instrument's holder call
// things, in one language only, and what somebody wrote.
var theirs = strings.NewReplacer(
	"Does the tea help more than water does?", "", "A small trial", "", "The one site", "",
	"Consensus Sleep Diary", "", "Insomnia Severity Index", "",
	`for <b>"a"</b> reason`, "", "made for tests", "", "Somebody else", "", "a cup of tea", "", "a cup of water", "",
)

// accounts of a trial with made-up people are called by their roles.
var accounts = map[string]bool{"investigator": true, "pharmacist": true, "custodian": true, "administrator": true, "statistician": true, "monitor": true, "auditor": true, "coordinator": true}

// texts gives the text of a page, a node at a time, but not what is in another
// language by its own account, nor code.
func texts(t *testing.T, page string) (out []string) {
	t.Helper()
	root := must(html.Parse(strings.NewReader(page)))
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && (slices.Contains([]string{"script", "style", "code", "pre", "i"}, n.Data) || foreign(n)) {
			return
		}
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
			out = append(out, strings.TrimSpace(n.Data))
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return out
}

func foreign(n *html.Node) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "lang" && a.Val != "sv" })
}
