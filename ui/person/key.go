package person

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"dvala/desk"
)

// newKey makes the idempotency key of a form, so that sending it twice is
// sending it once. It need be unlike all others, and need not be secret; it has
// always the same length, so that a page's length tells nothing but what it says.
func (p *Pages) newKey(r *http.Request) string {
	if p.opt.NewKey != nil {
		return p.opt.NewKey()
	}
	return "form-" + string(desk.CallerOf(r.Context()).Subject) + "-" + strconv.FormatInt(time.Now().UnixMilli(), 36) + "-" + fmt.Sprintf("%016x", rand.Uint64())
}
