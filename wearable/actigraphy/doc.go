// Package actigraphy reads epochs of activity counts, as ActiGraph's ActiLife
// and CentrePoint, and tools that make the same counts of Axivity's and
// GENEActiv's recordings, write them, and scores them as sleep and wake.
//
//	------------ Data File Created By ActiGraph wGT3X-BT ActiLife v6.13.4 … date format M/d/yyyy …
//	Serial Number: MOS2D00000000
//	Start Time 15:00:00
//	Start Date 11/22/2026
//	Epoch Period (hh:mm:ss) 00:00:15
//	…
//	--------------------------------------------------
//	Axis1,Axis2,Axis3,Steps
//	0,12,5,0
//
// or a table with a column of times. Epochs of 60 s or a part of it are added up
// to minutes. Then
//
//	Minutes → Choi or Troiano (not worn) → Sadeh or ColeKripke (→ Webster)
//	        → Bouts, or the times in bed of a diary → nights
//
// Counts tell sleep from wake and nothing else: the stages are W and S. The rules
// hold for counts alone; sums of acceleration in milli-g that the same devices'
// software writes are refused, unless the column is named.
//
// doc/methods/actigraphy.md has the equations and where they depart from their
// sources.
package actigraphy
