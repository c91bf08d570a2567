package person

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"dvala/fault"
)

// assets are the style, the scripts and the icons. Each is named with its hash,
// so that a browser may keep it for ever.
type assets struct {
	data map[string][]byte
	hash map[string]string
	sw   []byte
}

func newAssets(figures string) (*assets, error) {
	a := &assets{data: map[string][]byte{}, hash: map[string]string{}}
	err := fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := staticFiles.ReadFile(name)
		if err != nil {
			return err
		}
		base := path.Base(name)
		switch base {
		case "sw.js":
			a.sw = b
			return nil
		case "person.css":
			b = append([]byte(withNight(figures)), b...)
		}
		a.data[base] = b
		sum := sha256.Sum256(b)
		a.hash[base] = hex.EncodeToString(sum[:6])
		return nil
	})
	if err == nil && len(a.sw) == 0 {
		err = fault.New("assets", "static/sw.js", "is not there")
	}
	return a, err
}

// darkBlock is where the figures' dark colours stand in their style.
const darkBlock = "@media screen and (prefers-color-scheme:dark){:root{"

// withNight gives the figures' style with its dark colours a second time, for
// pages that are dark by the hour and not by the system.
func withNight(style string) string {
	_, after, ok := strings.Cut(style, darkBlock)
	colours, _, closed := strings.Cut(after, "}")
	if !ok || !closed {
		return style
	}
	return style + "@media screen{:root.dark{color-scheme:dark;" + colours + "}}\n"
}

// url gives the address of an asset.
func (a *assets) url(name string) string {
	return "/me/static/" + name + "?v=" + a.hash[name]
}

func (a *assets) serve(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	name := r.PathValue("name")
	b, ok := a.data[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.URL.Query().Get("v") == a.hash[name] {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	w.Header().Set("Content-Type", kindOf(name))
	_, _ = w.Write(b) // a reader that went away needs no answer
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".png":
		return "image/png"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

// worker sends the service worker: never kept, so that a new one is found, and
// allowed to stand before all of /me.
func (a *assets) worker(w http.ResponseWriter, _ *http.Request) {
	secure(w.Header())
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Service-Worker-Allowed", "/me")
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = w.Write(a.sw) // a reader that went away needs no answer
}

// manifest makes the pages something that can be put on a home screen.
func (p *Pages) manifest(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	lang := chosenLanguage(w, r, "")
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	b, err := json.Marshal(map[string]any{
		"id": "/me", "name": p.words.say(lang, "app.name"), "short_name": p.words.say(lang, "app.name"), "lang": lang,
		"start_url": "/me", "scope": "/me", "display": "standalone", "background_color": "#0E1320", "theme_color": "#0E1320",
		"icons": []icon{
			{Src: p.assets.url("icon-192.png"), Sizes: "192x192", Type: "image/png"},
			{Src: p.assets.url("icon-512.png"), Sizes: "512x512", Type: "image/png"},
			{Src: p.assets.url("icon-512.png"), Sizes: "512x512", Type: "image/png", Purpose: "maskable"},
		},
	})
	if err != nil {
		http.Error(w, "the manifest could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(b) // a reader that went away needs no answer
}
