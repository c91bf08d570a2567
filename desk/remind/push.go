package remind

import (
	"net/url"
	"strings"
)

// pushHosts are the push services of the browsers that there are. A device names
// the address that the server will write to, so any other would let somebody
// make the server knock on doors of its own network.
var pushHosts = []string{
	"fcm.googleapis.com", "updates.push.services.mozilla.com", ".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com",
}

// Known says whether a subscription leads to a browser's own push service.
func (s Subscription) Known() bool {
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" && u.Port() != "443" {
		return false
	}
	for _, host := range pushHosts {
		if u.Hostname() == host || strings.HasPrefix(host, ".") && strings.HasSuffix(u.Hostname(), host) {
			return true
		}
	}
	return false
}
