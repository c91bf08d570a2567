package person

import (
	"net/http"
	"strings"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// joinPage is where one comes in by a code, or by the link that holds the same.
type joinPage struct {
	Token   string // of a link; empty: the code is typed
	Code    string
	Problem string
}

// isInvited says whether somebody came by an invitation and has no code yet.
func isInvited(c desk.Caller) bool {
	return !c.Nobody() && c.Subject == "" && len(c.Grants) == 1 && c.Grants[0].Role == study.RoleParticipant
}

func (p *Pages) join(v *visit) (answer, error) { return p.showJoin(v, joinPage{}) }

// joinLink shows a button: a link is used by the button alone, because mail
// programs and telephones fetch what they are sent.
func (p *Pages) joinLink(v *visit) (answer, error) {
	return p.showJoin(v, joinPage{Token: v.r.PathValue("token")})
}

func (p *Pages) showJoin(v *visit, page joinPage) (answer, error) {
	if p.opt.Entrance == nil {
		return answer{}, fault.New("page-unknown", v.r.URL.Path, "nobody comes in here")
	}
	a := answer{page: "join", title: "join.title", data: page}
	if page.Problem != "" {
		a.status = http.StatusUnprocessableEntity
	}
	return a, nil
}

// saveJoin lets somebody in. What does not let anybody in is told in the same
// words whatever is wrong with it.
func (p *Pages) saveJoin(v *visit) (answer, error) {
	if p.opt.Entrance == nil {
		return answer{}, fault.New("page-unknown", v.r.URL.Path, "nobody comes in here")
	}
	page := joinPage{Token: v.r.PathValue("token"), Code: strings.TrimSpace(v.form.Get("code"))}
	secret := firstOf(page.Token, page.Code)
	if secret == "" {
		page.Problem = p.words.say(v.lang, "join.empty")
		return p.showJoin(v, page)
	}
	err := p.opt.Entrance.Enter(v.w, v.r, secret)
	switch fault.CodeOf(err) {
	case "sign-in-denied":
		return p.showJoin(v, joinPage{Code: page.Code, Problem: p.words.say(v.lang, "problem.sign-in-denied")})
	case "too-many-attempts":
		a, err := p.showJoin(v, joinPage{Token: page.Token, Code: page.Code, Problem: p.words.say(v.lang, "problem.too-many-attempts")})
		a.status = http.StatusTooManyRequests
		return a, err
	}
	return answer{to: "/me"}, err
}
