package ui

import (
	"bytes"
	"slices"
	"strconv"

	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/seal"
	"dvala/study"
)

// custodial are the acts that bring a file, from the custodian, from who holds a
// share, or from who writes the protocol, and those about the trial as a whole.
var custodial = []act{
	{
		name: "grant-unblinding", title: "Send the part of the custodian or a holder", verb: "Send", done: "The part is on the ledger. The physician opens it on her own machine.", person: true,
		intro: "The file that dvala open --emergency wrote. The physician alone can open it; here it is stored as it came.", look: "grant-unblinding", home: "/emergencies", fields: grantFields,
	},
	{
		name: "extend-list", title: "Propose a list that goes on", verb: "Propose", done: "Proposed: a second person has to approve it.", reason: true, home: "/proposals",
		intro: "The file that the custodian made with dvala seal --extend. It is held against the list there is before it is proposed.",
		fields: func(f *formFor) []field {
			return []field{{Name: "sealed_file", Label: f.t("Sealed list"), Kind: fileField, Need: true}}
		},
		take: func(_ *ask, raw []byte) (map[string]any, error) {
			_, err := seal.Parse(bytes.NewReader(raw))
			return nil, err
		},
	},
	{
		name: "amend-protocol", title: "Propose an amendment", verb: "Propose", done: "Proposed: an investigator has to approve it.", reason: true, home: "/proposals",
		intro: "A new version of the protocol file. What differs in meaning is worked out and shown before anybody approves. Groups, randomisation, design and estimands stay as they are.",
		fields: func(f *formFor) []field {
			return []field{
				{Name: "protocol_file", Label: f.t("New protocol file"), Kind: fileField, Need: true},
				{Name: "summary", Label: f.t("What changes, in a sentence or two"), Kind: areaField, Need: true},
			}
		},
		take: func(a *ask, raw []byte) (map[string]any, error) {
			var next protocol.Checked
			if err := a.nextProtocol("protocol_file", raw, func(_ *study.State, c protocol.Checked) { next = c }); err != nil {
				return nil, err
			}
			return map[string]any{"protocol_hash": next.HashHex(), "version": next.Protocol().Version}, nil
		},
		differs: "protocol_file",
	},
	{
		name: "open-allocations", title: "Publish the openings", verb: "Publish", done: "The openings are published.", home: "/end",
		intro: "The file that dvala open made of the locked ledger. Every opening is held against its commitment before it is taken.",
		grave: "This cannot be undone: from now on everybody can see which group each participant was in.",
		fields: func(f *formFor) []field {
			return []field{{Name: "openings_file", Label: f.t("Openings"), Kind: fileField, Need: true}}
		},
		take: func(a *ask, raw []byte) (map[string]any, error) { return nil, a.holdOpenings(raw) },
	},
	{
		name: "unlock-trial", gives: "unlock", title: "Propose to unlock the database", verb: "Propose", done: "Proposed: a second person has to approve it.", reason: true, home: "/proposals",
		intro: "Before the openings only. After it there has to be another dry run before another lock, and the report says so.", fields: ofWhat(study.OfTrial),
	},
	{
		name: "sign-trial", gives: "sign", title: "Sign all of it as reviewed", verb: "Sign", done: "Signed.", sign: study.MeansReview, home: "/end",
		intro: "You sign all that the ledger holds at this moment.", fields: ofWhat(study.OfTrial),
	},
	{
		name: "sign", title: "Sign as reviewed", verb: "Sign", done: "Signed.", person: true, sign: study.MeansReview,
		intro: "You sign what the ledger holds of this person at this moment, or the one form that is named.",
		fields: func(f *formFor) []field {
			if f.given("entry") == "" {
				return ofWhat(study.OfPerson)(f)
			}
			return append(ofWhat(study.OfForm)(f), f.fixedNumber("entry", f.t("Entry")))
		},
		offered: func(_ *study.State, p *study.Participant) bool { return p.Enrolled != nil },
	},
}

// known gives the instruments that an amendment may ask by the page: the trial's,
// and those inside the program.
func known(st *study.State) func(instrument.ID) (*instrument.Definition, bool) {
	return func(id instrument.ID) (*instrument.Definition, bool) {
		if st.Has(id) {
			return st.Instrument(id, "")
		}
		return study.BuiltIn(id, "")
	}
}

func ofWhat(what string) func(*formFor) []field {
	return func(f *formFor) []field {
		return []field{{Name: "what", Label: f.t("What"), Kind: textField, Fixed: true, Value: what}}
	}
}

// grantFields ask whose part it is; the request is that which waits, or which
// the link names.
func grantFields(f *formFor) []field {
	request := field{Name: "request", Label: f.t("Request"), Kind: numberField, Fixed: true, Need: true, Value: f.given("request")}
	most := 0
	for _, u := range f.p.Unblindings {
		if place := strconv.FormatUint(u.Entry, 10); request.Value == "" && u.Waiting() || request.Value == place {
			request.Value, most = place, max(u.Needed, most)
		}
	}
	from := []string{study.ByHolder}
	if f.caller.Has(study.RoleCustodian, "") { // nobody else sends the custodian's
		from = []string{study.ByCustodian, study.ByHolder}
	}
	out := []field{request, {Name: "by", Label: f.t("It comes from"), Kind: choiceField, Need: true, Options: f.options(from...)}}
	if most > 0 {
		out = append(out, field{Name: "holder", Label: f.t("Number of the holder"), Kind: numberField, Min: "1", Hint: f.t("in the order of the protocol; empty of the custodian")})
	}
	return append(out, field{Name: "key_file", Label: f.t("File"), Kind: fileField, Need: true})
}

// holdOpenings holds openings against the trial's sealed list and all that
// extend it.
func (a *ask) holdOpenings(raw []byte) error {
	var lists []string
	err := a.Office.See(a.r.Context(), a.caller, "open-allocations", "", func(s *study.State) error {
		if s.Opened == nil {
			return fault.New("trial-not-open", "", "the trial has not begun")
		}
		lists = append(lists, s.Opened.SealedList.SHA256)
		for _, p := range s.Proposals {
			if x, is := p.Wants.(study.ExtendList); is && p.Settled == study.KindApproved && !slices.Contains(lists, x.SealedList.SHA256) {
				lists = append(lists, x.SealedList.SHA256)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	parts := make([]*seal.List, len(lists))
	for i, sum := range lists {
		b, err := a.Trial.Blob(sum)
		if err != nil {
			return err
		}
		if parts[i], err = seal.Parse(bytes.NewReader(b)); err != nil {
			return err
		}
	}
	whole, err := seal.Join(parts[0], parts[1:]...)
	if err != nil {
		return err
	}
	_, err = seal.ParseOpenings(bytes.NewReader(raw), whole)
	return err
}
