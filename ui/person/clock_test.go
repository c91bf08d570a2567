package person

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	devpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// clock makes the device believe that it is another time, from the next page
// on; it goes on from there.
func (b *browser) clock(now time.Time) {
	b.Helper()
	script := fmt.Sprintf(`(() => {
		const Real = globalThis.RealDate ??= Date, begun = Real.now();
		const at = () => %d + (Real.now() - begun);
		globalThis.Date = class extends Real {
			constructor(...a) { if (a.length) super(...a); else super(at()); }
			static now() { return at(); }
		};
	})()`, now.UnixMilli())
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if b.clockID != "" {
			if _, err := cdp.Call(ctx, t, devpage.RemoveScriptToEvaluateOnNewDocument, devpage.RemoveScriptToEvaluateOnNewDocumentParams{Identifier: b.clockID}); err != nil {
				return err
			}
		}
		r, err := cdp.Call(ctx, t, devpage.AddScriptToEvaluateOnNewDocument, devpage.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		if err == nil {
			b.clockID = r.Identifier
		}
		return err
	}))
}
