package stats_test

import (
	_ "embed"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"dvala/stats/lmm"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// 18 made-up people in four periods of five nights, a fifth of them missing, and
// three periods too.
//
//go:embed testdata/crossed.csv
var crossedCSV string

// crossedCase is a model by R: an own Newton's method on the whole covariance to
// a scaled gradient of 1e-13, whose likelihood is lme4's to fifteen digits, whose
// Satterthwaite is lmerTest's and whose Kenward–Roger with the expected
// information pbkrtest's to the six or seven digits that they give.
type crossedCase struct {
	name                     string
	ml                       bool
	within, shared           bool
	person, cell, period, s2 float64
	logLik                   float64
	// Of each coefficient: estimate, error, Satterthwaite's df; by REML Kenward and
	// Roger's error and df, observed and expected.
	coefficients [][]float64
	people       []float64 // predictions of the first three
	periods      []float64
}

var crossedCases = []crossedCase{
	{
		name: "nested, REML", ml: false, within: true, shared: false, person: 534.997470030917, cell: 115.935900093411, period: 0, s2: 205.362941997508, logLik: -1188.34150363353,
		coefficients: [][]float64{
			{371.195636360919, 6.46312863826306, 27.7879203263937, 6.46393346429814, 27.7879203263937, 6.46393493121974, 27.6749611165819},
			{5.8902086868049, 3.13878566460914, 46.7742749710467, 3.13964751132962, 46.7742749710468, 3.13964907808846, 46.7240970118064},
			{-1.27778441392571, 4.3345413111908, 47.0592376092205, 4.33568166752162, 47.0592376092203, 4.33568377239438, 47.0089548096061},
			{6.80571994439338, 4.44840671851991, 48.1268150426882, 4.45104561711014, 48.1268150426884, 4.45105084173072, 48.0753615053685},
			{15.6169794250758, 4.50804680496138, 46.7823888354836, 4.51131451998039, 46.7823888354835, 4.51132103966125, 46.7316177963124},
		},
		people: []float64{-11.0159445987033, 43.3785870464662, 5.88750897728809},
	},
	{
		name: "nested, ML", ml: true, within: true, shared: false, person: 506.328631190347, cell: 102.74840984741, period: 0, s2: 205.35449890646, logLik: -1199.85135747843,
		coefficients: [][]float64{
			{371.182137426582, 6.26455781082445, 29.1727517629244},
			{5.88605974194596, 3.01272935001564, 50.703770462608},
			{-1.26608615029618, 4.16103515422113, 51.0245420607561},
			{6.81609475787995, 4.27209885586999, 52.246137306883},
			{15.6422220902561, 4.32665016523013, 50.665612461679},
		},
	},
	{
		name: "crossed, REML", ml: false, within: false, shared: true, person: 566.32476114581, cell: 0, period: 57.9580496202183, s2: 288.282212205796, logLik: -1214.4834794692,
		coefficients: [][]float64{
			{380.128816923099, 7.29651085871051, 19.659929129917, 7.29668398278046, 19.659929129917, 7.29668376708478, 19.8116241240007},
			{5.6707629121471, 2.04922606234368, 256.289648554975, 2.04979595439016, 256.289648554973, 2.04979480791727, 256.378349741357},
			{-1.18372659459795, 0.724930136460881, 256.153175329167, 0.724994553966794, 256.153175329164, 0.724994507749936, 256.244544054643},
		},
		people:  []float64{-11.2376869954312, 47.1422065992932, 4.74362590712959},
		periods: []float64{-5.18125780132467, -6.03509527908361, 1.37393653720314},
	},
	{
		name: "crossed, ML", ml: true, within: false, shared: true, person: 542.92464539951, cell: 0, period: 51.9873163567327, s2: 286.082991910814, logLik: -1219.54199048356,
		coefficients: [][]float64{
			{380.128409232619, 7.09862934282779, 22.1610058380103},
			{5.66585968033695, 2.04134678957201, 258.251907260755},
			{-1.18424378734983, 0.722152642363313, 258.099934951311},
		},
	},
	{
		name: "both, REML", ml: false, within: true, shared: true, person: 532.612216558123, cell: 116.510417540391, period: 48.6963005388547, s2: 203.041415951995, logLik: -1197.22869753913,
		coefficients: [][]float64{
			{380.109503844206, 7.1054819232228, 18.9165962432718, 7.10669634341531, 18.9165962432718, 7.1066926715967, 19.2596140390869},
			{5.68015699187783, 3.13767947002919, 46.7286822424459, 3.14053048551834, 46.7286822424457, 3.1404933926067, 46.8051555631777},
			{-1.16128304841574, 0.618060352168968, 216.028119570649, 0.618573211321987, 216.028119570646, 0.618573404162123, 215.672315306703},
		},
		people:  []float64{-10.9017921064847, 43.669711933311, 4.80901652917246},
		periods: []float64{-4.31014067526479, -5.45012271392599, 1.31338911292866},
	},
	{
		name: "both, ML", ml: true, within: true, shared: true, person: 509.177834329857, cell: 113.470441246141, period: 43.1770714965401, s2: 202.079351210851, logLik: -1202.52065644129,
		coefficients: [][]float64{
			{380.108294517803, 6.90583864335044, 21.1810832943057},
			{5.66798399796575, 3.10667184232053, 47.5770659430601},
			{-1.16202912600513, 0.616517273963609, 217.148838184697},
		},
	},
}

func crossedNights(t testing.TB) (nested, crossed *terms.Design, y []float64, person, period []int) {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(crossedCSV)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var ids, periods []string
	var arm, night []float64
	for _, r := range all[1:] {
		var x [4]float64
		for j := range x {
			if x[j], err = strconv.ParseFloat(r[j+1], 64); err != nil {
				t.Fatal(err)
			}
		}
		ids, periods, period = append(ids, r[0]), append(periods, r[1]), append(period, int(x[0])-1)
		arm, night, y = append(arm, x[1]), append(night, x[2]), append(y, x[3])
	}
	person, _ = lmm.Codes(ids)
	vars := []terms.Variable{terms.Numeric("arm", arm), terms.FactorOf("period", periods), terms.Numeric("night", night)}
	return build(t, vars, "arm", "period"), build(t, vars, "arm", "night"), y, person, period
}

func TestCrossedAgainstR(t *testing.T) {
	nested, crossed, y, person, period := crossedNights(t)
	for _, c := range crossedCases {
		t.Run(c.name, func(t *testing.T) {
			d := crossed
			if !c.shared {
				d = nested
			}
			f, err := lmm.Crossed(d, y, person, lmm.Periods{Period: period, Within: c.within, Shared: c.shared, ML: c.ml})
			if err != nil {
				t.Fatal(err)
			}
			near(t, "logLik", f.LogLik, c.logLik, 1e-12)
			nearAll(t, "variances", []float64{f.Person, f.Within, f.Shared, f.Sigma2}, []float64{c.person, c.cell, c.period, c.s2}, 1e-8)
			for j, w := range c.coefficients {
				l := make([]float64, len(d.Columns))
				l[j] = 1
				e := f.Coefficients[j]
				nearAll(t, e.Name, []float64{e.Value, e.SE}, w[:2], 1e-9)
				near(t, e.Name+" df", *e.DF, w[2], 1e-7)
				if c.ml {
					continue
				}
				for k, m := range []reml.Method{reml.KenwardRoger, reml.KenwardRogerExpected} {
					e, err := f.Contrast("", l, m)
					if err != nil {
						t.Fatal(err)
					}
					near(t, m.String(), e.SE, w[3+2*k], 1e-9)
					near(t, m.String()+" df", *e.DF, w[4+2*k], 1e-7)
				}
			}
			people, periods := f.Predicted()
			for i, w := range c.people {
				near(t, "person", people[i], w, 1e-7)
			}
			for i, w := range c.periods {
				near(t, "period", periods[i], w, 1e-7)
			}
		})
	}
}
