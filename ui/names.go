package ui

import (
	"regexp"
	"strings"

	"dvala/desk"
)

// madeUp is how accounts of a trial with made-up people are called in English.
const madeUp = "Made-up "

// called says a name on a page; of a made-up account, what it is in the reader's
// words.
func (c *catalogue) called(lang, name string) string {
	role, is := strings.CutPrefix(name, madeUp)
	if said, ok := c.codes["role:"+role][lang]; is && ok {
		return c.say(lang, "Made-up") + " " + strings.ToLower(said)
	}
	return name
}

// logged says the detail of a line of the access log: what the program put there,
// in the reader's words, and reasons as they were given.
func (c *catalogue) logged(lang, what, detail string) string {
	switch what {
	case "role-given", "role-revoked":
		grant, reason, given := strings.Cut(detail, ": ")
		role, site, at := strings.Cut(grant, " at ")
		text := c.coded(lang, "role:", role)
		if at {
			text += ", " + site
		}
		if given {
			text += ": " + reason
		}
		return text
	case "account-closed", "account-opened":
		return detail // a reason
	}
	if reason, all := strings.CutPrefix(detail, "all: "); all {
		return c.say(lang, "all") + ": " + reason
	}
	if where, screens := strings.CutPrefix(detail, "to screen oneself at "); screens {
		return c.say(lang, "to screen oneself at %s", where)
	}
	if said := c.swedish[detail]; lang == "sv" && said != "" {
		return said
	}
	first, rest, more := strings.Cut(detail, " ")
	if first = c.coded(lang, "log:", first); more {
		return first + " " + rest
	}
	return first
}

// work says a kind of work.
func (c *catalogue) work(lang, kind string) string {
	if k, ok := desk.WorkKindOf(kind); ok {
		return c.say(lang, k.Name)
	}
	return c.tell(lang, kind)
}

// faultCode finds the code in a problem's text.
var faultCode = regexp.MustCompile(`\[([a-z0-9-]+)\]`)

// cameTo says what a piece of work came to: a few words of the program, or the
// problem for which it failed.
func (c *catalogue) cameTo(lang, says string) string {
	if name, gone := strings.CutSuffix(says, ", no more kept"); gone {
		return name + ", " + c.say(lang, "no more kept")
	}
	if hash, results := strings.CutPrefix(says, "results "); results {
		return c.say(lang, "results %s", hash)
	}
	if m := faultCode.FindStringSubmatch(says); m != nil {
		if text, ok := c.code(lang, m[1]); ok {
			return text
		}
	}
	return c.say(lang, says)
}
