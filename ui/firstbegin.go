package ui

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
)

// beginning is how far somebody has come who begins a trial with real people:
// whoever keeps the key of the list makes it and seals the list elsewhere, and
// what she tells and gives is brought here.
type beginning struct {
	Alone bool   // one person takes part, and a helper packs her boxes
	Key   string // the public key that the protocol names; empty: none yet
	Name  string
}

// beginningOf reads that off a protocol.
func beginningOf(source string) (b beginning) {
	checked, _ := protocol.Parse([]byte(source)) // what is wrong with it has been said
	if checked.IsZero() {
		return b
	}
	b.Alone = checked.Protocol().Design.Kind == protocol.NOf1
	if key := checked.Protocol().Custodian.Recipient; key != protocol.RecipientPlaceholder {
		b.Key = key
	}
	return b
}

// showBegin shows the steps to a trial with real people.
// It is kept how far she has come; at is the field at which something is wrong.
func (f *first) showBegin(w http.ResponseWriter, r *http.Request, source, name, at string, err error) {
	p := firstPage{Step: "begin", Source: source, Begin: beginningOf(source), Held: true, At: at}
	p.Begin.Name = strings.TrimSpace(name)
	title := "A trial with real people"
	if p.Begin.Alone {
		title, p.Plan = "Your own trial, with a helper", planOf(source, f.lang(r))
	}
	f.keep(Draft{Step: "begin", Source: source, Name: p.Begin.Name})
	_, p.Kept = f.kept()
	if err != nil {
		p.Problem = f.told(f.lang(r), err)
	}
	f.show(w, r, p, title)
}

// told says what is the matter in the reader's language: by the sentence of its
// code, or the message. What no rule says, as that a disk is full, is told as it is.
func (f *first) told(lang string, err error) []problem {
	var l fault.List
	l.Merge("", "", err)
	out := f.words.filedAll(lang, l.Errors())
	for i, p := range out {
		if text, ok := f.words.code(lang, p.Code); ok {
			out[i].Text, out[i].Foreign = text, false
		}
	}
	return out
}

// real leads from a protocol that is whole to the steps.
func (f *first) real(w http.ResponseWriter, r *http.Request) {
	src := r.PostFormValue("source")
	if l := f.maker.Check(src).Errors(); len(l) > 0 {
		p := f.editing(r, src)
		p.Checked, p.Problems = true, f.words.filedAll(f.lang(r), l)
		f.show(w, r, p, "Your trial")
		return
	}
	f.showBegin(w, r, src, "", "", nil)
}

// key takes the public key that was told.
func (f *first) key(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<20)
	src := r.PostFormValue("source")
	key, err := publicKey(r)
	if err == nil {
		var filled string
		if filled, err = f.maker.Fill(src, key); err == nil {
			src = filled
		}
	}
	f.showBegin(w, r, src, r.PostFormValue("name"), "key", err)
}

// publicKey gives the line that begins with age1, as it was typed or in a file with
// what stood around it. A secret half is refused and nothing of it is kept: this
// machine never holds the key of whoever seals.
func publicKey(r *http.Request) (string, error) {
	text := r.PostFormValue("key")
	if b, err := sentFile(r, "keyfile"); err == nil && len(b) > 0 && strings.TrimSpace(text) == "" {
		text = string(b)
	}
	if strings.Contains(strings.ToUpper(text), "SECRET-KEY") {
		return "", fault.New("helper-secret", "key", "this is the secret half of a key")
	}
	for _, word := range strings.Fields(text) {
		if strings.HasPrefix(word, "age1") {
			return word, nil
		}
	}
	return strings.TrimSpace(text), nil
}

// begin takes the sealed list, and the trial is there.
func (f *first) begin(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, seal.MaxFile+4<<20)
	src := r.PostFormValue("source")
	sealed, err := sentFile(r, "sealed")
	if err == nil && strings.TrimSpace(r.PostFormValue("name")) == "" {
		err = fault.New("name-missing", "name", "your name is missing: it is printed beside what you sign")
	}
	if err != nil {
		f.showBegin(w, r, src, r.PostFormValue("name"), fieldOf(err, "sealed"), err)
		return
	}
	signIn, err := f.maker.Begin(src, sealed, strings.TrimSpace(r.PostFormValue("name")))
	if err != nil {
		f.showBegin(w, r, src, r.PostFormValue("name"), fieldOf(err, "sealed"), err)
		return
	}
	// By its path: the page may have been opened by another of this machine's names.
	at, err := url.Parse(signIn)
	if err != nil {
		f.showBegin(w, r, src, r.PostFormValue("name"), fieldOf(err, "sealed"), err)
		return
	}
	f.stay(w, r)
	http.Redirect(w, r, at.RequestURI(), http.StatusSeeOther)
}

// sentFile reads a file that was sent with a form.
func sentFile(r *http.Request, name string) ([]byte, error) {
	file, _, err := r.FormFile(name)
	if err != nil {
		return nil, fault.New("file-missing", name, "the file is missing")
	}
	defer file.Close()
	return io.ReadAll(file)
}
