package person

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"dvala/desk"
)

// newKey makes the idempotency key of a form, so that sending it twice is
// sending it once. It need be unlike all others, and need not be secret.
func newKey(r *http.Request) string {
	return "form-" + string(desk.CallerOf(r.Context()).Subject) + "-" + strconv.FormatInt(time.Now().UnixMilli(), 36) + "-" + strconv.FormatUint(rand.Uint64(), 36)
}
