package person

import (
	"slices"
	"strings"

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
}

// comprehension is a question about what was read.
type comprehension struct {
	ID, Text string
	Options  []optionView
	Wrong    bool
	Why      string // what the information says, where the answer was another
}

// asks are the questions that follow from a trial's design; the answer that the
// information gives is "right".
func (p *Pages) asks(v *visit, proto protocol.Protocol) []comprehension {
	ids := []string{"stop", "unwell"}
	if len(proto.Arms) > 1 {
		ids = append(ids, "lot")
		if slices.Contains(proto.Blinding.Who, "participants") {
			ids = append(ids, "blind")
		}
	}
	var out []comprehension
	for i, id := range ids {
		c := comprehension{ID: id, Text: p.words.say(v.lang, "ask."+id), Why: p.words.say(v.lang, "ask."+id+".why")}
		options := []optionView{
			{Value: "right", Text: p.words.say(v.lang, "ask."+id+".right")},
			{Value: "a", Text: p.words.say(v.lang, "ask."+id+".a")},
			{Value: "b", Text: p.words.say(v.lang, "ask."+id+".b")},
		}
		turn := (i*2 + 1) % 3 // so that the right answer is not always the first
		options = append(options[turn:], options[:turn]...)
		for j := range options {
			options[j].Checked = v.form.Get("ask."+id) == options[j].Value
		}
		c.Options = options
		out = append(out, c)
	}
	return out
}

func (p *Pages) consent(v *visit) (answer, error) { return p.showConsent(v, "", false) }

func (p *Pages) showConsent(v *visit, problem string, marked bool) (answer, error) {
	c := consentPage{Key: newKey(v.r), Problem: problem, Name: v.form.Get("name"), Agreed: v.form.Get("agree") == "yes"}
	step := ""
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		proto := s.Protocol.Protocol()
		step = stepOf(s, person)
		c.Version, c.Text, c.Question = proto.Consent.Version, proto.Consent.Text.In(protocol.Language(v.lang)), proto.Question
		c.Trial, c.Title, c.Contact, c.Funding = proto.ID, proto.Title, proto.Safety.Contact, proto.Sponsor.Funding
		if v.lang != "en" {
			c.Question, c.Funding = "", "" // the protocol has them in English alone
		}
		c.Given, c.Again = consented(s, person), len(person.Consents) > 0
		c.Facts = p.facts(v.lang, proto)
		c.Asked = p.asks(v, proto)
		for i := range c.Asked {
			c.Asked[i].Wrong = marked && v.form.Get("ask."+c.Asked[i].ID) != "right"
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
	add("consent.fact.visits", "n", len(proto.Visits))
	return out
}

// saveConsent takes the consent when everything was answered as the information
// has it, the box is ticked and a name stands under it.
func (p *Pages) saveConsent(v *visit) (answer, error) {
	var proto protocol.Protocol
	err := p.me(v, func(s *study.State, _ *study.Participant) error {
		proto = s.Protocol.Protocol()
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	for _, q := range p.asks(v, proto) {
		if v.form.Get("ask."+q.ID) != "right" {
			return p.showConsent(v, p.words.say(v.lang, "consent.again"), true)
		}
	}
	if v.form.Get("agree") != "yes" || strings.TrimSpace(v.form.Get("name")) == "" {
		return p.showConsent(v, p.words.say(v.lang, "consent.sign-missing"), false)
	}
	if v.form.Get("version") != proto.Consent.Version {
		return p.showConsent(v, p.words.say(v.lang, "problem.consent-version"), false)
	}
	if _, err := p.do(v, study.Consent{Version: proto.Consent.Version, Language: protocol.Language(v.lang)}); err != nil {
		return answer{}, err
	}
	return answer{to: "/me/consent/copy?first=yes"}, nil
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

func (p *Pages) consentCopy(v *visit) (answer, error) {
	c := copyPage{First: v.r.URL.Query().Get("first") != ""}
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		proto := s.Protocol.Protocol()
		c.Given = slices.Clone(person.Consents)
		c.Title, c.Contact, c.Question = proto.Title, proto.Safety.Contact, proto.Question
		if v.lang != "en" {
			c.Question = ""
		}
		c.InForce = consented(s, person)
		c.Version, c.Text, c.Facts = proto.Consent.Version, proto.Consent.Text.In(protocol.Language(v.lang)), p.facts(v.lang, proto)
		return nil
	})
	return answer{page: "copy", title: "copy.title", data: c}, err
}
