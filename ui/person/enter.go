package person

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// Entrance lets people in who have no session yet, or no code.
type Entrance interface {
	// Enter uses a code or the token of a link up, and begins her session.
	Enter(w http.ResponseWriter, r *http.Request, codeOrToken string) error
	// Screen hands in the answers of somebody who was invited and whom nobody has
	// screened yet; from then on her session is that of the code she gets.
	Screen(w http.ResponseWriter, r *http.Request, c desk.Caller, lang string, answers protocol.Answers) (study.Subject, error)
}

// Recognising is an entrance that knows who has answered in a browser before.
type Recognising interface {
	Answered(r *http.Request) ([]study.Subject, error)
}

// eligiblePage asks what the protocol asks before anybody is let in.
type eligiblePage struct {
	Questions []questionView
	Title     string
	Lacks     []string // why not, in the protocol's words: what the trial is for,
	Has       []string // and what it is not for
	Problems  map[string]string
	Contact   string
	Again     bool // somebody has answered in this browser before,
	Unfit     bool // and the trial did not fit whoever did
}

type questionView struct {
	Name, Text, Type, Unit, Value string
	Min, Max                      string
	Options                       []optionView
	Form                          *formView // of the instrument whose score is the answer
}

func (p *Pages) eligible(v *visit) (answer, error) { return p.showEligible(v, nil) }

func (p *Pages) showEligible(v *visit, problems map[string]string) (answer, error) {
	e := eligiblePage{Problems: problems}
	if v.caller.Nobody() {
		return answer{}, errNobody
	}
	if !isInvited(v.caller) && v.caller.Subject == "" {
		return answer{}, errNobody
	}
	lang := protocol.Language(v.lang)
	before, err := p.before(v)
	if err != nil {
		return answer{}, err
	}
	err = p.office.See(v.r.Context(), v.caller, "see-protocol", "", func(s *study.State) error {
		checked := screenedBy(s, v.now)
		proto := checked.Protocol()
		person := s.People[v.caller.Subject]
		if person != nil {
			proto = s.ProtocolAt(person.Site, person.ScreenedAt).Protocol() // by which she was judged
		}
		e.Contact = proto.Safety.Contact.In(lang)
		if v.lang == wordsOf(proto) {
			e.Title = proto.Question
		}
		if person != nil {
			failed := func(list []protocol.Criterion) (out []string) {
				for _, c := range list {
					if slices.Contains(person.Screening.Failed, c.ID) {
						out = append(out, c.Show.In(lang))
					}
				}
				return out
			}
			e.Lacks, e.Has = failed(proto.Population.Include), failed(proto.Population.Exclude)
			return nil
		}
		if e.Again = len(before) > 0 && len(problems) == 0; e.Again {
			e.Unfit = !slices.ContainsFunc(before, func(who study.Subject) bool { return s.People[who] == nil || s.People[who].Eligible() })
			return nil
		}
		said := protocol.Answers{}
		for _, q := range proto.Population.Screening {
			if text := v.form.Get("q." + q.Name); text != "" {
				if a, wrong := q.Parse(text); wrong == nil {
					said[q.Name] = a
				}
			}
			if checked.Asks(q, said) {
				e.Questions = append(e.Questions, p.question(v, s, q))
			}
		}
		return nil
	})
	return answer{page: "eligible", title: "eligible.title", data: e}, err
}

// before gives those who answered in this browser, for somebody who has not: unless
// she says that she is another.
func (p *Pages) before(v *visit) ([]study.Subject, error) {
	known, can := p.opt.Entrance.(Recognising)
	if !can || !isInvited(v.caller) || v.r.Method != http.MethodGet || v.r.URL.Query().Get("other") != "" {
		return nil, nil
	}
	return known.Answered(v.r)
}

// screenedBy gives the protocol by which somebody is screened who has no site yet:
// that of the first, where people come in by themselves.
func screenedBy(s *study.State, now time.Time) protocol.Checked {
	return s.ProtocolAt(s.Protocol.Protocol().Sites[0].ID, now)
}

func (p *Pages) question(v *visit, s *study.State, q protocol.Question) questionView {
	out := questionView{Name: q.Name, Text: q.Label.In(protocol.Language(v.lang)), Type: q.Type, Unit: p.unit(v.lang, q.Unit), Value: v.form.Get("q." + q.Name)}
	bound := func(x *float64) string {
		if x == nil {
			return ""
		}
		return strings.ReplaceAll(decimal("en", *x, places(*x)), "−", "-")
	}
	out.Min, out.Max = bound(q.Min), bound(q.Max)
	if d, ok := p.scored(v, s, q); ok {
		f := p.newForm(v.lang, d, screenedBy(s, v.now).Protocol(), v.form)
		out.Form = &f
	}
	switch q.Type {
	case "bool":
		for _, yes := range []string{"true", "false"} {
			out.Options = append(out.Options, optionView{yes, p.words.say(v.lang, "answer."+yes), out.Value == yes})
		}
	case "choice":
		for _, l := range q.Levels {
			text := l
			if _, ok := p.words.of["level."+l]; ok {
				text = p.words.say(v.lang, "level."+l)
			}
			out.Options = append(out.Options, optionView{l, text, out.Value == l})
		}
	}
	return out
}

func (p *Pages) saveEligible(v *visit) (answer, error) {
	if p.opt.Entrance == nil || v.caller.Nobody() || v.caller.Subject != "" {
		return answer{}, errNobody
	}
	var answers protocol.Answers
	var problems fault.List
	err := p.office.See(v.r.Context(), v.caller, "see-protocol", "", func(s *study.State) error {
		answers, problems = p.readScreening(v, s)
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	if problems.Err() != nil {
		return p.showEligible(v, p.tellProblems(v.lang, problems))
	}
	who, err := p.opt.Entrance.Screen(v.w, v.r, v.caller, v.lang, answers)
	if err != nil {
		return answer{}, err
	}
	next := "/me/eligible" // which says what was found, either way
	err = p.office.See(v.r.Context(), desk.Participant(who), "see-own", who, func(s *study.State) error {
		if x := s.People[who]; x != nil && x.Eligible() {
			next = "/me/consent"
		}
		return nil
	})
	return answer{to: next}, err
}

// installPage shows how the pages come onto the home screen.
type installPage struct {
	Key       string
	Installed time.Time
	First     bool
}

func (p *Pages) install(v *visit) (answer, error) {
	page := installPage{Key: p.newKey(v.r), First: v.r.URL.Query().Get("first") != ""}
	if p.opt.Book != nil && v.caller.Subject != "" {
		var err error
		if page.Installed, err = p.opt.Book.Installed(v.r.Context(), v.caller.Subject); err != nil {
			return answer{}, err
		}
	}
	return answer{page: "install", title: "install.title", data: page}, p.me(v, func(*study.State, *study.Participant) error { return nil })
}

// saveInstall notes that the pages were opened from the home screen, which the
// script on the page sees, or that the person goes on without.
func (p *Pages) saveInstall(v *visit) (answer, error) {
	next := "/me"
	err := p.me(v, func(s *study.State, person *study.Participant) error {
		if person.Enrolled == nil {
			next = "/me/hours"
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	if v.form.Get("standalone") == "yes" && p.opt.Book != nil {
		if err := p.opt.Book.NoteInstalled(v.r.Context(), v.caller.Subject, v.now); err != nil {
			return answer{}, err
		}
	}
	return answer{to: next}, nil
}
