package main

import (
	"crypto/rand"
	"math"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"dvala/custody"
	"dvala/ledger"
	"dvala/seal/sealtest"
	"dvala/study"
)

// How long an answer takes tells no arm: of two trials alike in everything but who
// has which arm, each asked in turn for the same page about the same person, the
// times come from one distribution, by the rank test of Mann and Whitney. A page
// is found to tell if it does so, in the same direction, three times in a row at
// 1 in 10,000 for all pages together; that the machine is busy touches both alike.
// DVALA_SOAK asks for each 300 times.
func TestTimesTellNoArm(t *testing.T) {
	rounds := 24
	if os.Getenv("DVALA_SOAK") != "" {
		rounds = 300
	}
	key, err := custody.NewKey(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), false)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ledger.GenerateKey(rand.Reader, "mgt-2024")
	if err != nil {
		t.Fatal(err)
	}
	var worlds [2]*demo
	for i := range worlds {
		worlds[i], _ = stage(t, func(d *demo) {
			d.key, d.signer, d.sealing = key, signer, custody.Options{Sealer: sealtest.Blank{}}
			if i == 1 {
				d.sealing.Swap = [2]string{"threonate-1g", "rice-placebo"}
			}
		})
	}
	var people []study.Subject
	for _, who := range worlds[0].trial.State().Order {
		if worlds[0].trial.State().People[who].Randomised != nil {
			people = append(people, who)
		}
	}
	var houses [2]whole
	for i := range houses {
		houses[i], _ = newWhole(t, worlds[i])
	}
	coordinators := [2]visitor{houses[0].visitors(t, worlds[0])[0], houses[1].visitors(t, worlds[1])[0]}
	paths := []string{"/", "/participants", "/stock"}
	for _, who := range people[:4] {
		paths = append(paths, "/participants/"+string(who), "/api/v1/participants/"+string(who))
	}
	level := 1e-4 / float64(len(paths))
	for _, path := range paths {
		var zs []float64
		for range 3 {
			z := rankZ(timesOf(houses, coordinators, path, rounds))
			if zs = append(zs, z); math.Erfc(math.Abs(z)/math.Sqrt2) > level || z*zs[0] < 0 {
				break
			}
		}
		if len(zs) == 3 && math.Erfc(math.Abs(zs[2])/math.Sqrt2) <= level && zs[2]*zs[0] > 0 {
			t.Errorf("%s takes longer with the arms one way than with the other: z %.1f", path, zs)
		}
		t.Logf("%-40s z %.1f", path, zs)
	}
	// The test sees a difference that is there: a page against a heavier one. They are
	// asked by turns, so that the machine is as busy for the one as for the other, and
	// ten times as often at most: on a busy machine it takes more to see it.
	var a, b []float64
	z := 0.0
	for n := 1; n <= 10*rounds && math.Abs(z) < 4; n++ {
		light, _ := timesOf(houses, coordinators, "/sign-in", 1)
		heavy, _ := timesOf(houses, coordinators, "/participants", 1)
		a, b = append(a, light...), append(b, heavy...)
		if n >= rounds {
			z = rankZ(a, b)
		}
	}
	if math.Abs(z) < 4 {
		t.Errorf("the test is blind: z %.1f of %d times", z, len(a))
	}
}

// timesOf asks both for a page in turn, beginning with the one and the other.
func timesOf(houses [2]whole, as [2]visitor, path string, n int) (a, b []float64) {
	for i := range n {
		for k := range 2 {
			which := (i + k) % 2
			began := time.Now()
			houses[which].ask(as[which], http.MethodGet, path, "")
			took := time.Since(began).Seconds()
			if which == 0 {
				a = append(a, took)
			} else {
				b = append(b, took)
			}
		}
	}
	return a, b
}

// rankZ is the standardised rank sum of the first sample, with the variance
// n·m·(n+m+1)/12 of samples without ties.
func rankZ(a, b []float64) float64 {
	type one struct {
		x     float64
		first bool
	}
	var all []one
	for _, x := range a {
		all = append(all, one{x, true})
	}
	for _, x := range b {
		all = append(all, one{x, false})
	}
	slices.SortFunc(all, func(p, q one) int {
		switch {
		case p.x < q.x:
			return -1
		case p.x > q.x:
			return 1
		}
		return 0
	})
	sum := 0.0
	for i, o := range all {
		if o.first {
			sum += float64(i + 1)
		}
	}
	n, m := float64(len(a)), float64(len(b))
	return (sum - n*(n+m+1)/2) / math.Sqrt(n*m*(n+m+1)/12)
}

// By hand: of 1 2 3 against 4 5 6 the ranks of the first sum to 6 where 10.5 is
// expected, with a variance of 3·3·7/12.
func TestRankZ(t *testing.T) {
	if z := rankZ([]float64{1, 2, 3}, []float64{4, 5, 6}); math.Abs(z-(-4.5/math.Sqrt(5.25))) > 1e-12 {
		t.Error(z)
	}
}
