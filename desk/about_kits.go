package desk

import (
	"strings"

	"dvala/study"
)

// saysKits tells what events about kits, the list's extensions and emergencies
// say; none of them knows an arm.
func saysKits(ev study.Event) Said {
	switch e := ev.(type) {
	case study.ListExtended:
		return said(phrase("from slot %s", e.First), counted(e.Slots, "%s line", "%s lines"), phrase("list %s", short(e.SealedList.SHA256)))
	case study.KitsReceived:
		return said(only(Named{"site", e.Site}), counted(len(e.Kits), "%s kit", "%s kits"), when(!e.Expires.IsZero(), phrase("expire %s", e.Expires)))
	case study.KitNoted:
		return said(phrase("kit %s", e.Kit), only(Code{"kit", e.What}))
	case study.KitReplaced:
		return said(only(Named{"visit", e.Visit}), phrase("kit %s %s", e.Old, Code{"kit", e.What}), phrase("kit %s", e.Kit))
	case study.UnblindingRequested:
		return said(phrase("for %s", e.Physician), when(e.Event != 0, phrase("because of entry %s", e.Event)))
	case study.UnblindingGranted:
		by := phrase("by the %s", Code{"granted", e.By})
		if e.Holder > 0 {
			by = phrase("by the %s %s", Code{"granted", e.By}, e.Holder)
		}
		return said(entry(e.Request), by)
	case study.UnblindingConfirmed:
		return said(entry(e.Request))
	case study.AllocationRequested:
		return said(only(Named{"stratum", e.Cell}), only(strings.Join(e.Levels, ", ")))
	case study.AllocationAnswered:
		return said(entry(e.Request), phrase("slot %s", e.Slot))
	}
	return nil
}
