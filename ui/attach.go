package ui

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"dvala/fault"
	"dvala/study"
)

// readForm reads what was sent, with files or without. Files are taken from
// staff alone, and only by the pages of acts.
func (a *ask) readForm() error {
	kind, _, err := mime.ParseMediaType(a.r.Header.Get("Content-Type"))
	if err == nil && kind == "multipart/form-data" && a.r.PathValue("act") != "" && !a.caller.Nobody() {
		a.r.Body = http.MaxBytesReader(a.w, a.r.Body, longestFile)
		err = a.r.ParseMultipartForm(longestForm)
	} else {
		a.r.Body = http.MaxBytesReader(a.w, a.r.Body, longestForm)
		err = a.r.ParseForm()
	}
	a.form = a.r.PostForm
	return err
}

// attach stores the files that a form was given and leaves their references in
// its fields. It gives what an act reads from them for its command.
func (a *ask) attach(x act, who study.Subject, fields []field) (map[string]any, error) {
	more := map[string]any{}
	if a.r.MultipartForm != nil {
		defer func() { _ = a.r.MultipartForm.RemoveAll() }() // what is left over is the system's to sweep
	}
	for i := range fields {
		f := &fields[i]
		if f.Kind != fileField {
			continue
		}
		name, raw, err := a.file(f.Name)
		if err != nil {
			return nil, err
		}
		if raw == nil {
			continue // the field says that it is needed
		}
		if x.take != nil {
			read, err := x.take(a, raw)
			if err != nil {
				return nil, at(f.Name, err)
			}
			for k, v := range read {
				more[k] = v
			}
		}
		ref, err := a.Office.Attach(a.r.Context(), a.caller, x.action(), who, name, raw)
		if err != nil {
			return nil, err
		}
		if f.file, err = json.Marshal(ref); err != nil {
			return nil, err
		}
	}
	return more, nil
}

// file gives a file that was sent, and nothing where none was.
func (a *ask) file(field string) (name string, raw []byte, err error) {
	if a.r.MultipartForm == nil {
		return "", nil, nil
	}
	in, head, err := a.r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) {
		// One that was sent before, to be looked at, came back as text.
		if text := a.form.Get(field + "-text"); text != "" {
			return a.form.Get(field + "-name"), []byte(text), nil
		}
		return "", nil, nil
	}
	if err != nil {
		return "", nil, fault.Wrap("file-unreadable", field, err)
	}
	defer in.Close()
	if raw, err = io.ReadAll(in); err != nil {
		return "", nil, fault.Wrap("file-unreadable", field, err)
	}
	if len(raw) == 0 {
		return "", nil, fault.New("file-empty", field, "the file is empty")
	}
	return path.Base(strings.ReplaceAll(head.Filename, `\`, "/")), raw, nil
}
