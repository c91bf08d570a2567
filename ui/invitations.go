package ui

import (
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/desk/access"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// invitationsPage is what is open to people who are to screen themselves, and
// who came by it.
type invitationsPage struct {
	List  listing[invitationLine]
	Sites []option // at which the reader may invite
	Langs []protocol.Language
	Made  *invitedPage
	Asked typed // refused before
	Row   rowTyped
}

type invitationLine struct {
	access.Invitation
	State    string
	CanClose bool
}

func (a *ask) invitations() (view, error) { return a.invitationsWith(invitationsPage{}) }

// invitationsWith is the page with an invitation just made, or a form asked again.
func (a *ask) invitationsWith(p invitationsPage) (view, error) {
	if !a.may("see-invitations", "") {
		return view{}, noPage(a.r.URL.Path)
	}
	list, err := a.Access.Invitations(a.r.Context(), a.caller)
	if err != nil {
		return view{}, err
	}
	may := map[string]bool{}
	err = a.Office.See(a.r.Context(), a.caller, "see-protocol", "", func(st *study.State) error {
		for _, s := range st.Protocol.Protocol().Sites {
			if _, err := a.Office.Allow(a.caller, "invite-to-screen", "", s.ID); err == nil && st.Locked == nil {
				may[s.ID] = true
				p.Sites = append(p.Sites, option{s.ID, s.Name})
			}
		}
		p.Langs = slices.Clone(st.Protocol.Protocol().Languages)
		return nil
	})
	if err != nil {
		return view{}, err
	}
	var lines []invitationLine
	for _, i := range list {
		line := invitationLine{Invitation: i, State: stateOf(i, a.Office.Now())}
		line.CanClose = line.State == "still open" && may[i.Site]
		lines = append(lines, line)
	}
	var whole *file
	if p.List, whole, err = listed(a, "invitations", lines, invitationColumns, nil); err != nil || whole != nil {
		return view{file: whole}, err
	}
	return view{page: "invitations", title: a.t("Invitations"), data: p}, nil
}

// invitationColumns are those of the table of invitations.
var invitationColumns = []listColumn[invitationLine]{
	{id: "made", name: "Made", text: func(l invitationLine) string { return stamp(l.Made) }},
	{id: "site", name: "Site", words: true, text: func(l invitationLine) string { return l.Site }},
	{id: "note", name: "Where it goes", words: true, text: func(l invitationLine) string { return l.Note }},
	{id: "state", name: "State", words: true, codes: anyCode, text: func(l invitationLine) string { return l.State }},
	{id: "came", name: "Came", text: func(l invitationLine) string { return strconv.Itoa(l.Used) }},
	{id: "who", name: "Who came", words: true, text: func(l invitationLine) string { return codesOf(l.Came) }},
	{id: "until", name: "Open until", text: func(l invitationLine) string { return stamp(l.Expires) }},
}

func codesOf(codes []study.Subject) string {
	var b strings.Builder
	for i, c := range codes {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(c))
	}
	return b.String()
}

func stateOf(i access.Invitation, now time.Time) string {
	switch {
	case !i.Revoked.IsZero():
		return "revoked"
	case i.Used >= i.Most:
		return "used up"
	case !now.Before(i.Expires):
		return "run out"
	}
	return "still open"
}

// inviteToScreen makes an invitation, which is shown once, or closes one.
func (a *ask) inviteToScreen() (view, error) {
	f := a.form
	if id := f.Get("revoke"); id != "" {
		err := a.Access.RevokeInvitation(a.r.Context(), a.caller, id)
		if form, is := a.again(err, nil); is {
			return asked(a.invitationsWith(invitationsPage{Row: rowTyped{form, form.in("revoke")}}))
		}
		return view{to: "/invitations"}, err
	}
	var l fault.List
	number := func(name string) int {
		n, err := strconv.Atoi(strings.TrimSpace(f.Get(name)))
		if err != nil {
			l.Addf("invitation", name, "is not a whole number")
		}
		return n
	}
	wanted := access.Asked{Site: f.Get("site"), Lang: f.Get("lang"), Note: f.Get("note"), Most: number("most"), Days: number("days")}
	err := l.Err()
	var h access.Handed
	if err == nil {
		h, err = a.Access.InviteToScreen(a.r.Context(), a.caller, wanted)
	}
	if form, is := a.again(err, map[string]string{"site": "site", "lang": "lang", "most": "most", "days": "days", "note": "note"}); is {
		return asked(a.invitationsWith(invitationsPage{Asked: form}))
	}
	if err != nil {
		return view{}, err
	}
	made := invitedPage{Handed: h}
	if made.QR, err = qrCode(h.URL, a.t("The link as a code for a camera")); err != nil {
		return view{}, err
	}
	return a.invitationsWith(invitationsPage{Made: &made})
}

// invitedPage is a fresh invitation, shown once.
type invitedPage struct {
	Who study.Subject
	access.Handed
	QR template.HTML
}
