package person

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

//go:embed papers/*.gohtml
var paperFiles embed.FS

// paper is a consent as it was given, whole in one file: what was read, what was
// asked and answered, and the signature. It needs nothing from anywhere.
type paper struct {
	Trial, Title, Version, Hash string
	Code                        study.Subject
	Site, Contact, Funding      string
	Question, Text              string
	Facts                       []string
	Asked                       []answeredQuestion
	Parts                       []told
	Agreed, Name                string
	Ink                         template.HTML // the drawn signature, of numbers alone
	Day, Time, Zone             string
}

type answeredQuestion struct {
	Text, Answer string
	Tries        int
}

// paperOf lays out what a consent will say.
func (p *Pages) paperOf(v *visit, s *study.State, person *study.Participant, cmd study.Consent, ink []byte) paper {
	checked := s.ProtocolFor(person, v.now)
	proto, lang := checked.Protocol(), protocol.Language(v.lang)
	d := paper{
		Trial: proto.ID, Title: proto.Title, Version: proto.Consent.Version, Hash: checked.HashHex(), Code: person.Subject,
		Contact: proto.Safety.Contact.In(lang), Text: proto.Consent.Text.In(lang), Facts: p.facts(v.lang, proto),
		Agreed: p.words.say(v.lang, "consent.agree", "version", proto.Consent.Version), Name: string(cmd.Name), Ink: template.HTML(ink), //nolint:gosec // made by drawing
		Day: fullDate(v.lang, civil.DateOf(v.now.In(v.zone))), Time: clockTime(v.now, v.zone), Zone: v.zone.String(),
	}
	if site, ok := checked.Site(person.Site); ok {
		d.Site = site.Name
	}
	if v.lang == wordsOf(proto) {
		d.Question, d.Funding = proto.Question, proto.Sponsor.Funding
	}
	for _, q := range p.asks(v, proto) {
		a := answeredQuestion{Text: q.Text, Tries: q.Tries + 1}
		for _, o := range q.Options {
			if o.Checked {
				a.Answer = o.Text
			}
		}
		d.Asked = append(d.Asked, a)
	}
	for _, o := range proto.Consent.Optional {
		d.Parts = append(d.Parts, told{o.Label.In(lang), p.words.say(v.lang, "answer."+strconv.FormatBool(cmd.Optional[o.ID]))})
	}
	return d
}

// keepCopy stores a consent as a file, sealed under the person's key, and gives
// the reference by which the consent names it.
func (p *Pages) keepCopy(v *visit, d paper) (*study.File, error) {
	var b bytes.Buffer
	if err := p.papers[v.lang].ExecuteTemplate(&b, "consent.gohtml", d); err != nil {
		return nil, fault.Wrap("consent-copy", "", err)
	}
	f, err := p.office.PutFile(v.r.Context(), v.caller, v.caller.Subject, "consent-"+plainName(d.Version)+".html", bytes.NewReader(Upright(b.Bytes())))
	return &f, err
}

// plainName keeps letters, digits, dots and dashes of a name.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, s)
}

// consentFile gives the person the file of one of her consents, counted from 1.
func (p *Pages) consentFile(v *visit) (answer, error) {
	n, err := strconv.Atoi(v.r.PathValue("n"))
	if err != nil {
		return p.unknown(v)
	}
	var f study.File
	var at time.Time
	err = p.me(v, func(_ *study.State, person *study.Participant) error {
		if n < 1 || n > len(person.Consents) || person.Consents[n-1].Document == nil {
			return fault.New("page-unknown", v.r.URL.Path, "there is no such page")
		}
		f, at = *person.Consents[n-1].Document, person.Consents[n-1].At
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	r, err := p.office.OpenFile(v.r.Context(), v.caller, v.caller.Subject, f)
	if err != nil {
		return answer{}, err
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, largestPaper))
	return answer{file: &file{"text/html; charset=utf-8", "consent-" + plainName(v.trial) + "-" + civil.DateOf(at.In(v.zone)).String() + ".html", raw}}, err
}

const largestPaper = 4 << 20
