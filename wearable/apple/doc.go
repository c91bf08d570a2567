// Package apple reads what Apple Health exports: export.xml, bare or inside
// export.zip.
//
//	<!DOCTYPE HealthData [ … ]>
//	<HealthData locale="sv_SE">
//	 <Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="Kims Apple Watch"
//	  sourceVersion="10.1" device="…" creationDate="2026-11-23 07:02:11 +0100"
//	  startDate="2026-11-22 23:10:30 +0100" endDate="2026-11-22 23:31:00 +0100"
//	  value="HKCategoryValueSleepAnalysisAsleepCore">
//	  <MetadataEntry key="HKTimeZone" value="Europe/Stockholm"/>
//	 </Record>
//	 …
//
// Such a file grows to gigabytes, so it is read in one pass by a scanner of its
// own that looks at tags alone and keeps no more than the sleep itself, and
// the other measures by the minute. It expands no entities but the five of XML
// and those with numbers; the document type is stepped over.
//
// The records of one source no more than an hour apart are one sleep. Sources
// are never mixed within a sleep: of two that tell of the same time, the order
// is
//
//  1. those that the options name, in that order;
//  2. one that tells stages before one that tells only asleep;
//  3. a watch before any other source, and a phone last;
//
// within the rules of package wearable, of which the first is that a fragment
// does not win over the night. Within one source, a stage counts where it
// overlaps with "asleep" without one. Time in bed is stated, and is neither sleep
// nor wake. doc/formats/wearables.md tells the rest.
package apple
