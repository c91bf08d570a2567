package person

import (
	"net/url"
	"strconv"
	"strings"

	"dvala/study"
)

// readParadata reads how a form was filled in, where its scripts wrote that into
// the form itself because the device keeps no queue. What is not believable the
// trial leaves out.
func readParadata(form url.Values) *study.Paradata {
	out := study.Paradata{}
	out.Seconds, _ = strconv.Atoi(form.Get("p.seconds")) // none: 0
	for name := range form {
		id, is := strings.CutPrefix(name, "p.")
		parts := strings.Fields(form.Get(name))
		if !is || len(parts) != 3 {
			continue
		}
		px, err := strconv.Atoi(parts[0])
		marks, err2 := strconv.Atoi(parts[2])
		if err != nil || err2 != nil {
			continue
		}
		if out.Lines == nil {
			out.Lines = map[string]study.Line{}
		}
		out.Lines[id] = study.Line{Px: px, By: parts[1], Marks: marks}
	}
	if out.Seconds == 0 && out.Lines == nil {
		return nil
	}
	return &out
}
