package person

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// consentPage is the information, the questions that show it was understood,
// and the place to sign.
type consentPage struct {
	Key, Version, Text, Question string
	Trial, Title, Contact        string
	Funding                      string
	Facts                        []string
	Asked                        []comprehension
	Problem                      string
	Again                        bool // another version was consented to before
	Given                        bool
	Name                         string
	Agreed                       bool
	Typed                        bool // the name is the signature
	Parts                        []part
}

// comprehension is a question about what was read.
type comprehension struct {
	ID, Text string
	Options  []optionView
	Right    string
	Wrong    bool
	Tries    int
	Why      string // what the information says, where the answer was another
}

// part is something that can be refused.
type part struct {
	ID, Text, Value string
}

// asks are the protocol's own questions; of a protocol that has none, those that
// follow from its design, whose answers are not kept.
func (p *Pages) asks(v *visit, proto protocol.Protocol) []comprehension {
	out := p.designAsks(v, proto)
	if own := proto.Consent.Questions; len(own) > 0 {
		out = nil
		lang := protocol.Language(v.lang)
		for _, q := range own {
			c := comprehension{ID: q.ID, Text: q.Ask.In(lang), Why: q.Why.In(lang), Right: strconv.Itoa(q.Right)}
			for i, o := range q.Options {
				c.Options = append(c.Options, optionView{Value: strconv.Itoa(i), Text: o.In(lang)})
			}
			out = append(out, c)
		}
	}
	for i := range out {
		c := &out[i]
		for j := range c.Options {
			c.Options[j].Checked = v.form.Get("ask."+c.ID) == c.Options[j].Value
		}
		c.Tries, _ = strconv.Atoi(v.form.Get("tries." + c.ID)) // none: 0
		c.Tries = max(0, min(c.Tries, 98))
	}
	return out
}

func (p *Pages) designAsks(v *visit, proto protocol.Protocol) []comprehension {
	ids := []string{"stop", "unwell"}
	if len(proto.Arms) > 1 {
		ids = append(ids, "lot")
		if slices.Contains(proto.Blinding.Who, "participants") {
			ids = append(ids, "blind")
		}
	}
	var out []comprehension
	for i, id := range ids {
		options := []optionView{
			{Value: "right", Text: p.words.say(v.lang, "ask."+id+".right")},
			{Value: "a", Text: p.words.say(v.lang, "ask."+id+".a")},
			{Value: "b", Text: p.words.say(v.lang, "ask."+id+".b")},
		}
		turn := (i*2 + 1) % 3 // so that the right answer is not always the first
		out = append(out, comprehension{
			ID: id, Text: p.words.say(v.lang, "ask."+id), Why: p.words.say(v.lang, "ask."+id+".why"), Right: "right",
			Options: append(slices.Clone(options[turn:]), options[:turn]...),
		})
	}
	return out
}

func (p *Pages) consent(v *visit) (answer, error) { return p.showConsent(v, "", false) }

func (p *Pages) showConsent(v *visit, problem string, marked bool) (answer, error) {
	c := consentPage{Key: p.newKey(v.r), Problem: problem, Name: v.form.Get("name"), Agreed: v.form.Get("agree") == "yes"}
	step := ""
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		proto := inForce(s, person, v.now)
		step = stepOf(s, person, v.now)
		c.Version, c.Text, c.Question = proto.Consent.Version, proto.Consent.Text.In(protocol.Language(v.lang)), proto.Question
		c.Trial, c.Title, c.Contact, c.Funding = proto.ID, proto.Title, proto.Safety.Contact.In(protocol.Language(v.lang)), proto.Sponsor.Funding
		if v.lang != wordsOf(proto) {
			c.Question, c.Funding = "", ""
		}
		c.Given, c.Again = consented(s, person, v.now), len(person.Consents) > 0
		c.Facts = p.facts(v.lang, proto)
		c.Asked = p.asks(v, proto)
		for i := range c.Asked {
			c.Asked[i].Wrong = marked && v.form.Get("ask."+c.Asked[i].ID) != c.Asked[i].Right
			if c.Asked[i].Wrong {
				c.Asked[i].Tries++
			}
		}
		c.Typed = proto.Consent.Signature == "typed"
		for _, o := range proto.Consent.Optional {
			c.Parts = append(c.Parts, part{o.ID, o.Label.In(protocol.Language(v.lang)), v.form.Get("part." + o.ID)})
		}
		return nil
	})
	if err == nil && step == "not-eligible" {
		return answer{to: "/me/eligible"}, nil
	}
	return answer{page: "consent", title: "consent.title", data: c}, err
}

// facts tells what taking part means, as far as the protocol says it.
func (p *Pages) facts(lang string, proto protocol.Protocol) []string {
	var out []string
	add := func(key string, pairs ...any) { out = append(out, p.words.say(lang, key, pairs...)) }
	d := proto.Design
	days := d.RunInDays + max(d.Periods, 1)*d.TreatmentDays + max(d.Periods-1, 0)*d.WashoutDays
	add("consent.fact.days", "n", days)
	if proto.Diary != nil {
		add("consent.fact.diary")
	}
	if len(proto.Devices) > 0 {
		add("consent.fact.device")
	}
	if proto.Dose != nil {
		add("consent.fact.dose", "n", proto.Dose.PerDay, "unit", p.unit(lang, proto.Dose.Unit), "when", strings.ToLower(proto.Dose.When.In(protocol.Language(lang))))
	}
	if n := len(proto.Visits) - len(withoutForms(proto)); n > 0 {
		add("consent.fact.visits", "n", n)
	}
	return out
}

// saveConsent takes the consent when everything was answered as the information
// has it, the box is ticked and, where the protocol has it signed here, a name
// stands under it.
func (p *Pages) saveConsent(v *visit) (answer, error) {
	var proto protocol.Protocol
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		proto = inForce(s, person, v.now)
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	cmd := study.Consent{Version: proto.Consent.Version, Language: protocol.Language(v.lang)}
	for _, q := range p.asks(v, proto) {
		chosen := v.form.Get("ask." + q.ID)
		if chosen != q.Right {
			return p.showConsent(v, p.words.say(v.lang, "consent.again"), true)
		}
		if len(proto.Consent.Questions) == 0 {
			continue
		}
		option, err := strconv.Atoi(chosen)
		if err != nil {
			return answer{}, fault.Wrap("comprehension", q.ID, err)
		}
		if cmd.Understood == nil {
			cmd.Understood = map[string]study.Understood{}
		}
		cmd.Understood[q.ID] = study.Understood{Option: option, Tries: q.Tries + 1}
	}
	name := strings.TrimSpace(v.form.Get("name"))
	ink := strings.TrimSpace(v.form.Get("ink"))
	if v.form.Get("agree") != "yes" || proto.Consent.Signature == "typed" && name == "" && ink == "" {
		return p.showConsent(v, p.words.say(v.lang, "consent.sign-missing"), false)
	}
	if v.form.Get("version") != proto.Consent.Version {
		return p.showConsent(v, p.words.say(v.lang, "problem.consent-version"), false)
	}
	for _, o := range proto.Consent.Optional {
		if cmd.Optional == nil {
			cmd.Optional = map[string]bool{}
		}
		cmd.Optional[o.ID] = v.form.Get("part."+o.ID) == "yes"
	}
	if proto.Consent.Signature == "typed" {
		cmd.Name = study.Words(name)
	} else {
		ink = ""
	}
	return p.sign(v, cmd, ink)
}

// sign stores what a consent names, the drawn signature and the copy, and gives
// the consent. What was given before with the same key is not made again.
func (p *Pages) sign(v *visit, cmd study.Consent, ink string) (answer, error) {
	picture, err := p.drawn(v, cmd.Version, ink)
	if err != nil {
		return answer{}, err
	}
	var d paper
	done := false
	err = p.me(v, func(s *study.State, person *study.Participant) error {
		_, _, done = s.Done(v.form.Get("key"))
		d = p.paperOf(v, s, person, cmd, picture)
		return nil
	})
	if err == nil && !done && picture != nil {
		var f study.File
		f, err = p.office.PutFile(v.r.Context(), v.caller, v.caller.Subject, "signature.svg", bytes.NewReader(picture))
		cmd.Drawn = &f
	}
	if err == nil && !done {
		cmd.Document, err = p.keepCopy(v, d)
	}
	if err == nil {
		_, err = p.do(v, cmd)
	}
	return answer{to: "/me/consent/copy?first=yes"}, err
}

// inForce gives the protocol that is in force for a person.
func inForce(s *study.State, person *study.Participant, now time.Time) protocol.Protocol {
	return s.ProtocolFor(person, now).Protocol()
}

// copyPage is a consent as it was given, to print or to save.
type copyPage struct {
	Given              []study.ConsentGiven
	Text, Version      string
	Title, Contact     string
	Facts              []string
	InForce, First     bool
	Question, Language string
}

// Nth counts consents from 1.
func (copyPage) Nth(i int) int { return i + 1 }

func (p *Pages) consentCopy(v *visit) (answer, error) {
	c := copyPage{First: v.r.URL.Query().Get("first") != ""}
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		proto := inForce(s, person, v.now)
		c.Given = slices.Clone(person.Consents)
		c.Title, c.Contact, c.Question = proto.Title, proto.Safety.Contact.In(protocol.Language(v.lang)), proto.Question
		if v.lang != "en" {
			c.Question = ""
		}
		c.InForce = consented(s, person, v.now)
		c.Version, c.Text, c.Facts = proto.Consent.Version, proto.Consent.Text.In(protocol.Language(v.lang)), p.facts(v.lang, proto)
		return nil
	})
	return answer{page: "copy", title: "copy.title", data: c}, err
}

// withoutForms are the visits at which nothing is filled in.
func withoutForms(p protocol.Protocol) []protocol.Visit {
	return slices.DeleteFunc(slices.Clone(p.Visits), func(v protocol.Visit) bool { return len(v.Instruments) > 0 })
}
