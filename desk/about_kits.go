package desk

import (
	"strconv"

	"dvala/study"
)

// aboutKits tells what events about kits, the list's extensions and emergencies
// say; none of them knows an arm.
func aboutKits(ev study.Event) string {
	switch e := ev.(type) {
	case study.ListExtended:
		return join("from slot "+strconv.Itoa(e.First), strconv.Itoa(e.Slots)+" lines", "list "+short(e.SealedList.SHA256))
	case study.KitsReceived:
		expires := ""
		if !e.Expires.IsZero() {
			expires = "expire " + e.Expires.String()
		}
		return join(e.Site, strconv.Itoa(len(e.Kits))+" kits", expires)
	case study.KitNoted:
		return join("kit "+e.Kit, e.What)
	case study.KitReplaced:
		return join(e.Visit, "kit "+e.Old+" "+e.What, "kit "+e.Kit)
	case study.UnblindingRequested:
		return "for " + e.Physician
	case study.UnblindingGranted:
		by := e.By
		if e.Holder > 0 {
			by += " " + strconv.Itoa(e.Holder)
		}
		return join(entry(e.Request), "by the "+by)
	case study.UnblindingConfirmed:
		return entry(e.Request)
	}
	return ""
}
