package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dvala/api"
	"dvala/desk"
	"dvala/study"
)

// Anything a screen does, the API does. Three tables hold it so: every action of
// the desk has an operation that takes it; every action that a page asks for is
// such a one; and every page says which operations give what it gives.

// noOperation are the actions that no operation takes by itself, and why.
var noOperation = map[desk.Action]string{
	"see-words": "it is no question: it says whether people's words are opened in the answers to others",
}

func TestEveryActionHasAnOperation(t *testing.T) {
	taken := map[desk.Action]bool{}
	for _, action := range api.Takes() {
		taken[action] = true
	}
	for _, action := range desk.Actions() {
		if _, excused := noOperation[action]; excused == taken[action] {
			t.Errorf("%s: an operation takes it: %v, and it is excused: %v", action, taken[action], excused)
		}
	}
	for _, name := range study.CommandNames() {
		if !taken[desk.Action(name)] {
			t.Errorf("the command %s has no operation", name)
		}
	}
}

// askers are the calls by which a page asks whether, or that, something is done.
var askers = map[string]bool{"See": true, "see": true, "May": true, "may": true, "mayOf": true, "mayAt": true, "Allow": true, "As": true, "proves": true, "seesAt": true}

// screens reads the sources of the pages, without their tests.
func screens(t *testing.T, visit func(name string, n ast.Node)) {
	t.Helper()
	n := 0
	for _, dir := range []string{"../../ui", "../../ui/person"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
			if err != nil {
				t.Fatal(err)
			}
			n++
			ast.Inspect(file, func(x ast.Node) bool { visit(strings.TrimPrefix(name, "../../"), x); return true })
		}
	}
	if n < 60 {
		t.Fatalf("only %d sources of pages", n)
	}
}

// text gives a string literal's text.
func text(n ast.Node) (string, bool) {
	lit, is := n.(*ast.BasicLit)
	if !is || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func TestEveryActionOfAPageHasAnOperation(t *testing.T) {
	taken := map[desk.Action]bool{}
	for _, action := range api.Takes() {
		taken[action] = true
	}
	asked := map[desk.Action]bool{}
	screens(t, func(name string, n ast.Node) {
		call, is := n.(*ast.CallExpr)
		if !is {
			return
		}
		fun := ""
		switch f := call.Fun.(type) {
		case *ast.SelectorExpr:
			fun = f.Sel.Name
		case *ast.Ident:
			fun = f.Name
		}
		if !askers[fun] {
			return
		}
		for _, arg := range call.Args {
			action, is := text(arg)
			if !is || action == "" {
				continue
			}
			asked[desk.Action(action)] = true
			if _, excused := noOperation[desk.Action(action)]; !taken[desk.Action(action)] && !excused {
				t.Errorf("%s asks for %q, and no operation of the API takes that", name, action)
			}
		}
	})
	for _, action := range []desk.Action{"see-stock", "see-identity", "see-held", "see-own", "see-protocol", "see-people"} {
		if !asked[action] {
			t.Errorf("no page was found to ask for %s: the test tells nothing", action)
		}
	}
}

// commands stands for every command's operation: one form serves all of them.
const commands = "every command"

// pagesOf says, of every page and form, which operations of the API give what it
// gives; or, after a dash, why there is none.
var pagesOf = map[string]string{
	"GET /{$}":                                         "see-overview see-day see-due-visits see-silent see-clocks see-quiet-devices see-untouched see-changes",
	"GET /participants":                                "see-people",
	"GET /participants.csv":                            "see-people",
	"GET /participants/{person}":                       "see-person see-tasks see-trail see-sendings",
	"GET /participants/{person}/timeline":              "see-trail",
	"GET /participants/{person}/entry/{entry}":         "see-entry",
	"GET /participants/{person}/entry/{entry}/history": "see-history",
	"GET /participants/{person}/do/{act}":              commands,
	"POST /participants/{person}/do/{act}":             commands,
	"GET /do/{act}":                                    commands,
	"POST /do/{act}":                                   commands,
	"GET /participants/{person}/consent/{n}":           "see-files get-file get-consent-copy",
	"GET /participants/{person}/contact":               "see-identity see-identity-before",
	"POST /participants/{person}/contact":              "set-identity",
	"POST /participants/{person}/erase":                "erase-identity",
	"GET /screening":                                   "see-screening see-trail",
	"GET /safety":                                      "see-adverse-events see-deviations see-clocks",
	"GET /stock":                                       "see-stock see-cells see-low",
	"GET /held":                                        "see-held",
	"POST /held":                                       "file-held discard-held",
	"GET /quality":                                     "see-enrolment see-compliance see-compliance-by-day see-missing see-digit-signs see-repeat-signs see-wearer-signs",
	"GET /emergencies":                                 "see-emergencies",
	"GET /emergencies/{entry}/folder":                  "see-emergencies",
	"GET /allocations":                                 "see-allocations",
	"GET /protocol":                                    "see-protocol",
	"GET /instruments":                                 "see-instruments get-instrument show-instrument",
	"GET /trail":                                       "see-trail",
	"GET /ledger":                                      "see-ledger see-checkpoint see-proof",
	"GET /report":                                      "see-report",
	"GET /report.html":                                 "get-report",
	"GET /checkpoint":                                  "see-checkpoint",
	"GET /data":                                        "see-work begin-tables begin-odm begin-fhir begin-dataset-json begin-ledger",
	"GET /end":                                         "see-overview",
	"GET /work":                                        "see-work",
	"POST /work":                                       "begin-dry-run begin-report begin-tables begin-ledger",
	"GET /made/{job}":                                  "get-work-file",
	"POST /settings":                                   "- how the pages look in one browser",
	"GET /sign-in":                                     "begin-sign-in finish-sign-in",
	"POST /sign-in":                                    "- chooses among made-up people, on this machine alone",
	"POST /sign-in/ask":                                "request-link",
	"GET /sign-in/link/{token}":                        "redeem",
	"POST /sign-in/link/{token}":                       "redeem",
	"POST /sign-out":                                   "end-session",
	"GET /prove":                                       "begin-proof finish-proof",
	"GET /sessions":                                    "see-sessions begin-passkey finish-passkey drop-passkey issue-token",
	"POST /sessions":                                   "end-session",
	"GET /accounts":                                    "see-accounts see-access-log",
	"POST /accounts":                                   "add-account give-role revoke-role close-account end-sessions make-link",
	"POST /participants/{person}/invite":               "invite mail-invitation",
	"GET /invitations":                                 "see-invitations",
	"POST /invitations":                                "invite-to-screen revoke-invitation",
	"GET /proposals":                                   "see-proposals",
	"POST /proposals":                                  "approve decline",
	"GET /queries":                                     "see-queries",
	"GET /due":                                         "see-compliance-by-day see-tasks",
	"GET /forms":                                       "see-missing see-person",
	"GET /corrections":                                 "see-trail see-history",
	"GET /favicon.ico":                                 "- a picture",
	"GET /static/{name}":                               "- styles and scripts",

	"GET /me":                             "see-own see-tasks",
	"GET /me/diary":                       "show-instrument",
	"POST /me/diary":                      "answer take-dose",
	"GET /me/visit/{visit}/{instrument}":  "show-instrument",
	"POST /me/visit/{visit}/{instrument}": "answer",
	"GET /me/saved":                       "see-proof",
	"GET /me/event":                       "report-adverse-event",
	"POST /me/event":                      "report-adverse-event",
	"GET /me/card":                        "see-own see-protocol",
	"GET /me/data":                        "see-stored",
	"GET /me/leave":                       "withdraw",
	"POST /me/leave":                      "withdraw",
	"GET /me/past":                        "see-past see-given",
	"GET /me/settings":                    "see-own",
	"POST /me/moved":                      "change-zone",
	"POST /me/settings":                   "change-wake change-zone change-language change-reminders",
	"GET /me/join":                        "redeem",
	"POST /me/join":                       "redeem",
	"GET /me/join/{token}":                "redeem",
	"POST /me/join/{token}":               "redeem",
	"GET /me/eligible":                    "see-protocol",
	"POST /me/eligible":                   "screen-oneself",
	"GET /me/consent":                     "see-own see-protocol",
	"POST /me/consent":                    "put-file consent",
	"GET /me/consent/copy":                "get-consent-copy",
	"GET /me/consent/copy/{n}":            "get-consent-copy",
	"GET /me/install":                     "- puts the pages themselves on a telephone",
	"POST /me/install":                    "- notes that the pages are on her telephone",
	"GET /me/hours":                       "see-own",
	"POST /me/hours":                      "enrol change-reminders",
	"GET /me/ring":                        "see-ring see-device-files",
	"POST /me/ring":                       "connect-ring fetch-ring disconnect-ring send-device-file",
	"GET /me/ring/back":                   "finish-ring",
	"GET /me/trial":                       "see-own-trial",
	"POST /me/trial/draw":                 "draw-order",
	"POST /me/trial/box":                  "open-box count-box",
	"POST /me/trial/close":                "close-own-trial",
	"POST /me/trial/openings":             "bring-openings",
	"POST /me/trial/report":               "conclude-own-trial",
	"GET /me/trial/helper":                "- the same words for every trial, to print",
	"GET /me/trial/ledger":                "see-own-ledger",
	"GET /me/trial/checkpoint":            "see-checkpoint",
	"GET /me/trial/report":                "see-own-report",
	"GET /me/offline":                     "- what a telephone shows without a network",
	"POST /me/entries":                    "submit",
	"POST /me/push":                       "see-push subscribe unsubscribe",
	"GET /me/calendar.ics":                "get-calendar",
	"GET /me/sw.js":                       "- the pages' own script",
	"GET /me/app.webmanifest":             "- the pages' own name and picture",
	"GET /me/static/{name}":               "- styles and scripts",
	"GET /me/":                            "- says that there is no such page",
}

var pattern = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) /`)

func TestEveryPageHasItsOperations(t *testing.T) {
	known := map[string]bool{commands: true}
	for _, id := range api.Operations() {
		known[id] = true
	}
	found := map[string]bool{}
	screens(t, func(name string, n ast.Node) {
		page, is := text(n)
		if !is || !pattern.MatchString(page) || strings.Contains(page, " /first/") {
			return // there is no API before there is a trial: dvala new, check and init are that
		}
		found[page] = true
		if pagesOf[page] == "" {
			t.Errorf("%s has the page %q, and no operation of the API is named for it", name, page)
		}
	})
	for _, page := range slices.Sorted(maps.Keys(pagesOf)) {
		switch ops := pagesOf[page]; {
		case !found[page]:
			t.Errorf("there is no page %q", page)
		case ops == commands || strings.HasPrefix(ops, "- "):
		default:
			for _, id := range strings.Fields(ops) {
				if !known[id] {
					t.Errorf("%s: the API has no operation %s", page, id)
				}
			}
		}
	}
}
