package desk

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"dvala/fault"
	"dvala/study"
)

// MaxFile is the greatest length of a file that a person sends.
const MaxFile = 4 << 30

// PutFile stores a file about a person, sealed under her key as it streams in,
// and gives the reference by which a command names it: that of what is stored.
// The same content again gives the same reference, so that a command can be
// repeated with it.
func (o *Office) PutFile(ctx context.Context, c Caller, who study.Subject, name string, r io.Reader) (study.File, error) {
	role, err := o.as(c, "put-file", who, "")
	if err != nil {
		return study.File{}, err
	}
	paper, err := o.mayKeep(who, name)
	if err != nil {
		return study.File{}, err
	}
	if paper {
		raw, err := io.ReadAll(io.LimitReader(r, longestPaper+1))
		if err != nil {
			return study.File{}, err
		}
		if len(raw) > longestPaper {
			return study.File{}, fault.New("no-consent", name, "before consent only its own papers are kept, of %d MB at most", longestPaper>>20)
		}
		r = bytes.NewReader(raw)
	}
	r, said := o.within(ctx, who, role, r)
	f, err := o.put(ctx, who, name, r)
	if err = said(err); err != nil {
		return study.File{}, err
	}
	return f, nil
}

func (o *Office) put(ctx context.Context, who study.Subject, name string, r io.Reader) (study.File, error) {
	switch {
	case o.parts.Files == nil:
		data, err := io.ReadAll(io.LimitReader(r, 64<<20+1))
		if err != nil {
			return study.File{}, err
		}
		if len(data) > 64<<20 {
			return study.File{}, fault.New("file-large", name, "this store takes files up to 64 MB")
		}
		return o.store.PutBlob(name, data)
	case o.parts.Vault == nil || who == "":
		return o.parts.Files.PutFrom(ctx, name, r, MaxFile)
	}
	return o.parts.PutSealed(ctx, who, name, r)
}

// longestPaper bounds a drawn signature, or the copy of a consent.
const longestPaper = 4 << 20

// papers are the kinds of files that a consent names: the signature as it was
// drawn or photographed, and the copy that she was given.
var papers = []string{".svg", ".png", ".jpg", ".jpeg", ".html", ".pdf"}

// mayKeep refuses a file about a person who has not consented, or has left: nothing
// is collected of her. Before consent, while she may still give it, come its own
// papers. (A command that tells a harm names no file.)
func (o *Office) mayKeep(who study.Subject, name string) (paper bool, err error) {
	o.store.View(func(s *study.State) {
		p := s.People[who]
		if p == nil {
			return // about the trial
		}
		w, left := p.WithdrewFrom(study.FromFollowUp)
		switch {
		case left:
			err = fault.New("withdrew", string(who), "the person left the trial on %v, and no file about her is kept any more", w.Date)
		case len(p.Consents) > 0:
		case p.Eligible() && p.Closed == nil && slices.Contains(papers, strings.ToLower(path.Ext(name))):
			paper = true
		default:
			err = fault.New("no-consent", string(who), "nothing is collected before consent")
		}
	})
	return paper, err
}

// PutSealed stores a file about a person under her key, and remembers what is in
// it, so that the same content is the same file. It asks nobody's role.
func (p Parts) PutSealed(ctx context.Context, who study.Subject, name string, r io.Reader) (study.File, error) {
	sum, done := sha256.New(), make(chan struct{})
	pr, pw := io.Pipe()
	go func() {
		defer close(done)
		w, err := p.Vault.Encrypt(ctx, who, pw)
		if err == nil {
			_, err = io.Copy(w, io.TeeReader(r, sum))
		}
		if err == nil {
			err = w.Close()
		}
		pw.CloseWithError(err) // nil: the end
	}()
	file, err := p.Files.PutFrom(ctx, name, pr, MaxFile)
	pr.CloseWithError(io.ErrClosedPipe)
	<-done
	if err != nil || p.PersonFiles == nil {
		return file, err
	}
	mark, err := p.Vault.Mark(ctx, who, sum.Sum(nil))
	if err != nil {
		return file, err
	}
	if err := p.PersonFiles.PutPersonFile(ctx, who, mark, file); err != nil {
		return file, err
	}
	first, ok, err := p.PersonFiles.PersonFile(ctx, who, mark)
	if err == nil && ok {
		return first, nil
	}
	return file, err
}

// OpenFile gives a file about a person, in the clear, to whoever may read it. Of a
// file that is not about her it says what it says of one that is not there.
func (o *Office) OpenFile(ctx context.Context, c Caller, who study.Subject, f study.File) (io.ReadCloser, error) {
	if _, err := o.as(c, "see-file", who, ""); err != nil {
		return nil, err
	}
	hers, err := o.isHers(ctx, who, f.SHA256)
	if err != nil {
		return nil, err
	}
	if !hers {
		return nil, noFile(f.SHA256)
	}
	if o.parts.Files == nil { // of made-up people, who have no keys
		b, err := o.store.Blob(f.SHA256)
		return io.NopCloser(bytes.NewReader(b)), err
	}
	r, _, err := o.parts.Files.Open(ctx, f.SHA256, 0, -1)
	if fault.CodeOf(err) == "blob-missing" { // the store would say where it looked
		return nil, noFile(f.SHA256)
	}
	if err != nil || o.parts.Vault == nil || who == "" {
		return r, err
	}
	head := make([]byte, len(ageHead))
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, r.Close())
	}
	whole := io.MultiReader(strings.NewReader(string(head[:n])), r)
	if string(head[:n]) != ageHead { // stored before there was a vault
		return both{whole, r}, nil
	}
	plain, ok, err := o.parts.Vault.Decrypt(ctx, who, whole)
	if err == nil && !ok {
		err = fault.New("person-erased", "file", "this file was erased with the person's key")
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return both{plain, r}, nil
}

const ageHead = "age-encryption.org/v1\n"

type both struct {
	io.Reader
	io.Closer
}

// namesHers refuses a command about a person that names a file which did not
// come in through the office in her name: otherwise naming somebody else's file,
// or the trial's, would be a way to read it.
func (o *Office) namesHers(ctx context.Context, r Request) error {
	if r.Subject == "" || o.parts.PersonFiles == nil {
		return nil
	}
	var files []study.File
	switch c := r.Cmd.(type) {
	case study.RecordNight:
		files = []study.File{c.Source}
	case study.Consent:
		files = study.Files(study.Consented(c))
	}
	for _, f := range files {
		if f.SHA256 == "" {
			continue
		}
		if hers, err := o.parts.PersonFiles.HasPersonFile(ctx, r.Subject, f.SHA256); err != nil || !hers {
			return cmp.Or(err, noFile(f.SHA256))
		}
	}
	return nil
}

func noFile(sum string) error {
	return fault.New("blob-missing", sum, "there is no such file about this person")
}

// isHers says whether a file is about a person, or, with none, about the trial:
// it came in through the office in her name, or entries about her name it and
// none about anybody or anything else does.
func (o *Office) isHers(ctx context.Context, who study.Subject, sum string) (bool, error) {
	if len(sum) != 2*sha256.Size || strings.Trim(sum, "0123456789abcdef") != "" {
		return false, nil
	}
	if who != "" && o.parts.PersonFiles != nil {
		if known, err := o.parts.PersonFiles.HasPersonFile(ctx, who, sum); err != nil || known {
			return known, err
		}
	}
	if err := o.store.Refresh(ctx); err != nil {
		return false, err
	}
	hers := false
	o.store.View(func(s *study.State) { hers = s.NamesFile(who, sum) })
	return hers, nil
}
