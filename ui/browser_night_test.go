package ui

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

// A night's picture is seen whole on a telephone, in both languages: nothing of it is
// scrolled to, no word of it is smaller than eleven pixels, runs into another or is cut.
func TestNightsFitATelephone(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	for _, lang := range []string{"sv", "en"} {
		b := newBrowser(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			as("investigator")(r)
			r.Header.Set("Accept-Language", lang)
			h.ServeHTTP(w, r)
		}))
		for _, width := range []int64{360, 414, 600} {
			b.size(width, 800)
			b.do(chromedp.Navigate(b.url + "/participants/P0002"))
			b.until(`document.querySelector(".night svg") && document.readyState === "complete"`, "the nights")
			b.told(lang, `Array.from(document.querySelectorAll(".night .figure")).flatMap((f) => {
				const all = f.getBoundingClientRect(), svg = f.querySelector("svg");
				const texts = Array.from(f.querySelectorAll("text")).filter((x) => getComputedStyle(x).display !== "none");
				const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
				const boxes = texts.map((x) => [x.textContent, x.getBoundingClientRect(), parseFloat(getComputedStyle(x).fontSize) * scale]);
				const wrong = f.scrollWidth > f.clientWidth ? ["a picture is " + f.scrollWidth + " wide in " + f.clientWidth] : [];
				if (boxes.length < 4) wrong.push("only " + boxes.length + " words");
				for (const [text, box, size] of boxes) {
					if (size < 11) wrong.push(text + " is " + size + " px");
					if (box.left < all.left - 0.5 || box.right > all.right + 0.5) wrong.push(text + " is cut");
					for (const [other, o] of boxes) if (other !== text && o.left > box.left && o.left < box.right && o.top < box.bottom - 3 && o.bottom > box.top + 3) wrong.push(text + " runs into " + other);
				}
				return wrong;
			})`)
			b.picture("nights-" + lang + "-" + map[int64]string{360: "360", 414: "414", 600: "600"}[width])
		}
	}
}
