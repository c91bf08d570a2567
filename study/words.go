package study

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"dvala/fault"
	"dvala/instrument"
)

// Words is free text about a person; so is a text whose tag says words:"hers",
// which is what the staff write about her. The ledger holds it sealed under her own
// key (SealedMark and base64), so that it is gone when the key is destroyed and
// the ledger still verifies. Who carries commands seals them first: see
// State.MapWords. Text that comes unsealed is taken as it is, for trials whose
// people are made up.
type Words string

// SealedMark begins words that are sealed.
const SealedMark = "dvala1:"

// Sealed says whether the words are sealed, and so unreadable here.
func (w Words) Sealed() bool { return strings.HasPrefix(string(w), SealedMark) }

// maxSealed bounds sealed words: the longest text in base64, and the envelope.
const maxSealed = 8*maxText + 400

// checkSealed reports words that are too long or not text.
func checkSealed(l *fault.List, place string, w Words) { checkSealedTo(l, place, w, maxText) }

// checkSealedTo is the same for words that are short.
func checkSealedTo(l *fault.List, place string, w Words, most int) {
	if w.Sealed() {
		if len(w) > maxSealed || strings.ContainsFunc(string(w), func(r rune) bool { return r <= ' ' || r > '~' }) {
			l.Addf("text-form", place, "sealed text is base64 of at most %d characters", maxSealed)
		}
		return
	}
	checkWords(l, place, string(w), most)
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// MapWords gives the command with every member of the type Words changed by f:
// to seal a command before it is given. Empty words stay empty. Free text in
// answers to an instrument and in corrections is known by the trial alone; that
// takes State.MapWords, which does this too.
func MapWords(cmd Command, f func(Words) (Words, error)) (Command, error) {
	v := reflect.New(reflect.TypeOf(cmd)).Elem()
	v.Set(reflect.ValueOf(cmd))
	if err := mapWords(v, f); err != nil {
		return nil, err
	}
	out, _ := v.Interface().(Command)
	return out, nil
}

var wordsType = reflect.TypeFor[Words]()

// hers says whether a field holds free text about a person.
func hers(f reflect.StructField) bool { return f.Type == wordsType || f.Tag.Get("words") == "hers" }

func mapWords(v reflect.Value, f func(Words) (Words, error)) error {
	switch v.Kind() {
	case reflect.String:
		if v.Type() != wordsType {
			return nil
		}
		return mapText(v, f)
	case reflect.Struct:
		for i := range v.NumField() {
			do := mapWords
			if hers(v.Type().Field(i)) {
				do = mapText
			}
			if err := do(v.Field(i), f); err != nil {
				return err
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 || v.Len() == 0 {
			return nil
		}
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len()) // the caller's own is not changed
		reflect.Copy(fresh, v)
		for i := range fresh.Len() {
			if err := mapWords(fresh.Index(i), f); err != nil {
				return err
			}
		}
		v.Set(fresh)
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		if err := mapWords(fresh.Elem(), f); err != nil {
			return err
		}
		v.Set(fresh)
	}
	return nil
}

// mapText changes one text.
func mapText(v reflect.Value, f func(Words) (Words, error)) error {
	if v.String() == "" || v.String() == ToldByHer || !v.CanSet() {
		return nil
	}
	w, err := f(Words(v.String()))
	if err != nil {
		return err
	}
	v.SetString(string(w))
	return nil
}

// PrivateReason says whether the reason that is given with a command is about a
// person's own affairs, and so sealed under her key like her words: that of
// everything about a person but emergencies and kits, whose reasons are for
// people to read who may not read her words.
func PrivateReason(cmd Command) bool {
	switch cmd.(type) {
	case RequestUnblinding, GrantUnblinding, ConfirmUnblinding, AnswerAllocation, Dispense, Return, ReplaceKit:
		return false
	}
	return AboutPerson(cmd)
}

// MapWords changes all free text of a command about a person: the members of
// the type Words, the answers to items that ask for words of the person's own,
// and what a correction puts in the place of either.
func (s *State) MapWords(cmd Command, f func(Words) (Words, error)) (Command, error) {
	switch c := cmd.(type) {
	case Answer:
		raw, err := s.mapAnswers(c.Instrument, "", c.Answers, f)
		c.Answers = raw
		return c, err
	case Correct:
		var text string
		old, ok := s.facts[c.Entry]
		if !ok || !s.isWords(old.Event, c.Field) || json.Unmarshal(c.New, &text) != nil || text == "" {
			return c, nil
		}
		w, err := f(Words(text))
		if err != nil {
			return nil, err
		}
		c.New, err = plain(w)
		return c, err
	}
	return MapWords(cmd, f)
}

// mapAnswers changes the answers to items that ask for words. What is not JSON
// is left as it is, for Decide to refuse.
func (s *State) mapAnswers(id, version string, raw json.RawMessage, f func(Words) (Words, error)) (json.RawMessage, error) {
	def, ok := s.Instrument(instrument.ID(id), version)
	if !ok {
		return raw, nil
	}
	var of map[string]json.RawMessage
	if json.Unmarshal(raw, &of) != nil {
		return raw, nil
	}
	changed := false
	for _, name := range slices.Sorted(maps.Keys(of)) {
		var text string
		if !asksWords(def, name) || json.Unmarshal(of[name], &text) != nil || text == "" {
			continue
		}
		w, err := f(Words(text))
		if err != nil {
			return nil, err
		}
		if of[name], err = plain(w); err != nil {
			return nil, err
		}
		changed = true
	}
	if !changed {
		return raw, nil
	}
	return plain(of)
}

func asksWords(def *instrument.Definition, item string) bool {
	i := slices.IndexFunc(def.Items, func(it instrument.Item) bool { return string(it.ID) == item })
	return i >= 0 && def.Items[i].Kind == instrument.FreeText
}

// isWords says whether a field of an event holds free text.
func (s *State) isWords(ev Event, field string) bool {
	if a, is := ev.(Answered); is {
		item, inAnswers := strings.CutPrefix(field, "answers.")
		def, ok := s.Instrument(instrument.ID(a.Instrument), a.Version)
		return inAnswers && ok && asksWords(def, item)
	}
	return slices.ContainsFunc(reflect.VisibleFields(reflect.TypeOf(ev)), func(f reflect.StructField) bool {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name == field && hers(f)
	})
}

// bare gives answers as an instrument checks them: sealed words, which have a
// length of their own, as one letter.
func bare(def *instrument.Definition, a instrument.Answers) instrument.Answers {
	var out instrument.Answers
	for id, v := range a {
		if s, ok := v.Text(); ok && Words(s).Sealed() && asksWords(def, string(id)) {
			if out == nil {
				out = maps.Clone(a)
			}
			out[id] = instrument.Said("x")
		}
	}
	if out == nil {
		return a
	}
	return out
}

// Limits of what a command may carry in words.
const (
	maxWord = 200  // characters of a name, code or key
	maxText = 4000 // characters of a note or reason
)

// checkWords reports text that is too long, is not UTF-8 (it would be stored
// as other text than was given), or holds control characters.
func checkWords(l *fault.List, place, s string, most int) {
	switch {
	case !utf8.ValidString(s):
		l.Addf("text-form", place, "the text is not UTF-8")
	case utf8.RuneCountInString(s) > most:
		l.Addf("text-long", place, "the text has %d characters; %d is the most", utf8.RuneCountInString(s), most)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }):
		l.Addf("text-form", place, "the text holds control characters")
	}
}
