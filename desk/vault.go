package desk

import (
	"context"
	"errors"
	"strconv"

	"dvala/fault"
	"dvala/study"
)

// Look lets read see a trial's state. The reading must not write.
type Look func(read func(*study.State))

// Privately gives a request with the words of the person it is about, and a
// reason that is about her, sealed under her key. The office does so with all it
// is given; whoever gives commands past it, from a file at the machine, does it
// here. A vault that is nil seals nothing.
func Privately(ctx context.Context, v Vault, look Look, r Request) (Request, error) {
	if v == nil || r.Subject == "" {
		return r, nil
	}
	var err error
	if r.Cmd, err = sealedWords(ctx, v, look, r); err != nil {
		return r, err
	}
	r.Reason, err = sealedReason(ctx, v, r)
	return r, err
}

func sealedWords(ctx context.Context, v Vault, look Look, r Request) (study.Command, error) {
	var list []study.Words
	collect := func(w study.Words) (study.Words, error) { list = append(list, w); return w, nil }
	var err error
	look(func(s *study.State) { _, err = s.MapWords(r.Cmd, collect) })
	if err != nil || len(list) == 0 {
		return r.Cmd, err
	}
	for i, w := range list { // outside the look: this may write
		if w.Sealed() {
			return nil, fault.New("text-form", "", "words do not begin with %s", study.SealedMark)
		}
		bound := ""
		if r.Key != "" {
			bound = r.Key + " " + strconv.Itoa(i)
		}
		s, err := v.Seal(ctx, r.Subject, bound, string(w))
		if fault.CodeOf(err) == "person-erased" {
			return nil, fault.New("person-erased", "", "the person was erased, and nothing is taken about her in words").
				WithHint("leave the words out; an adverse event is told by what it is coded as")
		}
		if err != nil {
			return nil, err
		}
		list[i] = study.Words(s)
	}
	next := 0
	var cmd study.Command
	look(func(s *study.State) {
		cmd, err = s.MapWords(r.Cmd, func(study.Words) (study.Words, error) {
			if next == len(list) {
				return "", errors.New("the command changed under way")
			}
			next++
			return list[next-1], nil
		})
	})
	return cmd, err
}

// sealedReason gives a reason that is about a person sealed under her key, like
// her words. After she was erased there is no key, and what is done then, a
// correction of a count, say, has its reason in the clear.
func sealedReason(ctx context.Context, v Vault, r Request) (string, error) {
	if r.Reason == "" || !study.PrivateReason(r.Cmd) {
		return r.Reason, nil
	}
	if study.Words(r.Reason).Sealed() {
		return "", fault.New("text-form", "reason", "words do not begin with %s", study.SealedMark)
	}
	bound := ""
	if r.Key != "" {
		bound = r.Key + " reason"
	}
	s, err := v.Seal(ctx, r.Subject, bound, r.Reason)
	if fault.CodeOf(err) == "person-erased" {
		return r.Reason, nil
	}
	return s, err
}

// Words opens a person's words for a caller who may read them. What is not
// sealed is given back; what was erased, or is not for her role, is empty and
// not ok.
func (o *Office) Words(ctx context.Context, c Caller, who study.Subject, text string) (string, bool, error) {
	if !study.Words(text).Sealed() {
		return text, true, nil
	}
	if _, err := o.as(c, "see-words", who, ""); err != nil || o.parts.Vault == nil {
		return "", false, nil
	}
	return o.parts.Vault.Open(ctx, who, text)
}
