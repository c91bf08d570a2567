package apple

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// doctype is a document type as iOS writes it, shortened: comments with
// apostrophes, lists of attributes, brackets.
const doctype = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 14; a person's [own] data > all -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary|ClinicalRecord|Audiogram|VisionPrescription)*)>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
>
<!ELEMENT Record ((MetadataEntry|HeartRateVariabilityMetadataList)*)>
<!ATTLIST Record
  type          CDATA #REQUIRED
  unit          CDATA #IMPLIED
  value         CDATA #IMPLIED
  sourceName    CDATA #REQUIRED
  startDate     CDATA #REQUIRED
  endDate       CDATA #REQUIRED
>
]>
`

const watchDevice = `device="&lt;&lt;HKDevice: 0x283a5d400&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,2, software:10.1&gt;"`

// generate writes an export of a made-up person with a watch and a phone, of at
// least so many bytes, in the mix and order of records of real ones: all of one
// type, then all of the next, most of them of no concern here. It gives the
// number of nights.
func generate(w io.Writer, bytes int64, seed uint64) (nights int, written int64, err error) {
	const perDay = 375_000 // bytes, of what follows
	out := bufio.NewWriterSize(w, 1<<20)
	count := &countingWriter{w: out}
	rng := rand.New(rand.NewPCG(seed, 1))
	days := int(max(2, bytes/perDay+1))
	first := time.Date(2018, 1, 1, 12, 0, 0, 0, time.UTC)
	const layout = "2006-01-02 15:04:05 +0000"
	record := func(kind, unit, source, device string, from time.Time, length time.Duration, value string) {
		created := from.Add(length + 40*time.Second).Format(layout)
		fmt.Fprintf(count, " <Record type=\"%s\" sourceName=\"%s\" sourceVersion=\"10.1\" %s%s creationDate=\"%s\" startDate=\"%s\" endDate=\"%s\" value=\"%s\"/>\n",
			kind, source, device, unit, created, from.Format(layout), from.Add(length).Format(layout), value)
	}
	watch, phone := "Kim’s Apple Watch", "Kim’s iPhone"
	phoneDevice := `device="&lt;&lt;HKDevice: 0x283a5d7c0&gt;, name:iPhone, manufacturer:Apple Inc., model:iPhone, hardware:iPhone14,5, software:17.1&gt;"`
	fmt.Fprint(count, doctype, "<HealthData locale=\"en_GB\">\n <ExportDate value=\"2026-11-23 08:00:00 +0000\"/>\n <Me HKCharacteristicTypeIdentifierBiologicalSex=\"HKBiologicalSexNotSet\"/>\n")
	perType := []struct {
		kind, unit string
		every      time.Duration
		value      func() string
	}{
		{"HKQuantityTypeIdentifierHeartRate", ` unit="count/min"`, 5 * time.Minute, func() string { return fmt.Sprint(48 + rng.IntN(30)) }},
		{"HKQuantityTypeIdentifierOxygenSaturation", ` unit="%"`, 30 * time.Minute, func() string { return fmt.Sprintf("0.%d", 94+rng.IntN(6)) }},
		{"HKQuantityTypeIdentifierRespiratoryRate", ` unit="count/min"`, 20 * time.Minute, func() string { return fmt.Sprintf("%.1f", 12+4*rng.Float64()) }},
		{"HKQuantityTypeIdentifierActiveEnergyBurned", ` unit="kcal"`, 6 * time.Minute, func() string { return fmt.Sprintf("%.3f", rng.Float64()) }},
		{"HKQuantityTypeIdentifierDistanceWalkingRunning", ` unit="km"`, 15 * time.Minute, func() string { return fmt.Sprintf("%.5f", rng.Float64()) }},
		{"HKQuantityTypeIdentifierBasalEnergyBurned", ` unit="kcal"`, 20 * time.Minute, func() string { return fmt.Sprintf("%.3f", 20*rng.Float64()) }},
		{"HKQuantityTypeIdentifierHeartRateVariabilitySDNN", ` unit="ms"`, 2 * time.Hour, func() string { return fmt.Sprintf("%.4f", 30+40*rng.Float64()) }},
	}
	for _, t := range perType {
		for at := first; at.Before(first.AddDate(0, 0, days)); at = at.Add(t.every) {
			record(t.kind, t.unit, watch, watchDevice, at, 0, t.value())
		}
	}
	for at := first; at.Before(first.AddDate(0, 0, days)); at = at.Add(30 * time.Minute) {
		record("HKQuantityTypeIdentifierStepCount", ` unit="count"`, phone, phoneDevice, at, 5*time.Minute, fmt.Sprint(rng.IntN(400)))
		record("HKQuantityTypeIdentifierStepCount", ` unit="count"`, watch, watchDevice, at, 5*time.Minute, fmt.Sprint(rng.IntN(400)))
	}
	stages := []string{"AsleepCore", "AsleepDeep", "AsleepCore", "AsleepREM", "Awake"}
	for d := range days - 1 {
		from := first.AddDate(0, 0, d).Add(10*time.Hour + time.Duration(rng.IntN(7200))*time.Second)
		end := from.Add(6*time.Hour + time.Duration(rng.IntN(7200))*time.Second)
		record("HKCategoryTypeIdentifierSleepAnalysis", "", phone, phoneDevice, from.Add(-10*time.Minute), end.Sub(from)+15*time.Minute, "HKCategoryValueSleepAnalysisInBed")
		for i, at := 0, from; at.Before(end); i++ {
			length := min(time.Duration(4+rng.IntN(40))*30*time.Second, end.Sub(at))
			record("HKCategoryTypeIdentifierSleepAnalysis", "", watch, watchDevice, at, length, "HKCategoryValueSleepAnalysis"+stages[i%len(stages)])
			at = at.Add(length)
		}
	}
	fmt.Fprint(count, "</HealthData>\n")
	return days - 1, count.n, out.Flush()
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
