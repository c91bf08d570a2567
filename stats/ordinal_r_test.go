package stats_test

import (
	_ "embed"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"dvala/stats"
	"dvala/stats/lmm"
	"dvala/stats/ordinal"
	"dvala/stats/terms"
)

// Six sets of ordered answers, made in R 4.2.2 by
//
//	make <- function(seed, people, most, sigma, beta, z, shift, unbalanced) { set.seed(seed)
//	  n <- if (most == 1) rep(1, people) else 1 + rbinom(people, most - 1, if (unbalanced) rbeta(people, .5, .5) else .9)
//	  arm <- as.numeric(runif(people) < if (unbalanced) .3 else .5); u <- sigma * rnorm(people); id <- rep(1:people, n)
//	  x <- shift + round(rnorm(sum(n)), 3); v <- beta[1]*arm[id] + beta[2]*(x - shift) + u[id] + rlogis(sum(n))
//	  data.frame(set = seed, id, arm = arm[id], x, y = findInterval(v, z)) }
//	make(101,  70, 1, 0,   c(.7, .5),   c(-1, 0, 1),                                    0,     FALSE)
//	make(202,  90, 1, 0,   c(-1.1, .8), c(-4, -3.2, -1, 2.2, 3.4),                      2026,  TRUE)
//	make(303, 140, 1, 0,   c(.4, -.02), c(-2.5, -2, -1.5, -1, -.5, 0, .5, 1, 3.6),      50000, TRUE)
//	make(404,  50, 6, 1.0, c(.8, .4),   c(-1.5, 0, 1.5),                                0,     FALSE)
//	make(505,  60, 9, 2.2, c(-.9, .6),  c(-5, -4, -1, 2, 4.4),                          2026,  TRUE)
//	make(606,  45, 4, .5,  c(.5, 1.2),  c(-1, 3.4),                                     1e6,   TRUE)
//
//go:embed testdata/ordinal.csv
var ordinalCSV string

// ordinalCase is what R says of a set, x being taken from its rounded mean:
//
//	f <- clm(o ~ arm + x0, data = s, control = clm.control(gradTol = 1e-12, maxIter = 200))   # ordinal 2022.11-16
//	clmm(o ~ arm + x0 + (1|id), data = s, nAGQ = 15 and 31, control = clmm.control(gradTol = 1e-9, maxIter = 1000))
//
// and the sandwich over people, of which R has none for clm, by its formula:
//
//	sandwich <- function(f, s) { z <- f$alpha; X <- cbind(s$arm, s$x0); k <- length(z); n <- nrow(s); eta <- as.vector(X %*% f$beta)
//	  sc <- function(c) { a <- if (c < k) z[c+1]-eta else rep(Inf,n); l <- if (c > 0) z[c]-eta else rep(-Inf,n); p <- plogis(a)-plogis(l)
//	    fa <- dlogis(a); fl <- dlogis(l); S <- matrix(0, n, k+2)
//	    if (c < k) S[,c+1] <- fa/p; if (c > 0) S[,c] <- S[,c]-fl/p; S[,k+1:2] <- -X*(fa-fl)/p; list(S = S, p = p) }
//	  E <- 0; U <- matrix(0, n, k+2); for (c in 0:k) { q <- sc(c); E <- E + t(q$S) %*% (q$S*q$p); w <- s$y==c; U[w,] <- q$S[w,] }
//	  U <- rowsum(U, s$id); I <- solve(E); sqrt(diag(I %*% crossprod(U) %*% I)) }
//
// clmm stops where its likelihood does, some 1e-5 from the maximum. The maximum
// itself is by Newton's method in R on the exact score of the integral, taken by
// the trapezoidal rule on 961 points over ±12 (both gives the likelihood and its
// score), with errors from differences of that score:
//
//	u <- seq(-12, 12, length.out = 961); w <- dnorm(u)*(u[2]-u[1])
//	both <- function(th) { z <- th[1:k]; b <- th[k+1:2]; sg <- exp(th[k+3]); eta <- outer(as.vector(X %*% b), sg*u, "+")
//	  a <- c(z, Inf)[y+1]-eta; l <- c(-Inf, z)[y+1]-eta; p <- ifelse(l > 0, plogis(-l)-plogis(-a), plogis(a)-plogis(l))
//	  fa <- dlogis(a); fl <- dlogis(l); L <- rowsum(log(p), id); P <- exp(L)*rep(w, each = nrow(L)); tot <- rowSums(P); post <- P/tot
//	  avg <- function(D) sum(D*post[match(id, as.integer(rownames(L))),]); d1 <- -(fa-fl)/p
//	  list(l = sum(log(tot)), g = c(sapply(1:k, function(j) avg((y==j-1)*fa/p-(y==j)*fl/p)), sapply(1:2, function(j) avg(X[,j]*d1)), avg(d1*rep(sg*u, each = n)))) }
//
// MASS's polr agrees with clm to the seven or eight digits at which it stops.
type ordinalCase struct {
	name, set        string
	centre, logLik   float64
	estimates, se    []float64 // thresholds, then arm and x
	sandwich         []float64
	mixed15, mixed31 []float64 // the same, then σ and the log likelihood
	// The maximum of the integral itself, and errors; σ last, and the likelihood.
	exact, exactSE []float64
}

var ordinalCases = []ordinalCase{
	{
		name: "seventy people once", set: "101", centre: 0, logLik: -88.01181669116,
		estimates: []float64{-0.6310356936866, 0.2763192831881, 1.254341830491, 1.47662696843, 0.2092224182631},
		se:        []float64{0.3402764959161, 0.335402814439, 0.3622021886873, 0.4635365308616, 0.2117948565851},
	},
	{
		name: "six answers, two of them given by two and four, a year as covariate", set: "202", centre: 2026, logLik: -106.4525572463,
		estimates: []float64{-3.759544408602, -3.313029653016, -1.066740625278, 1.817412306304, 2.92660312265, -1.18876229068, 0.7110141805779},
		se:        []float64{0.5902145775477, 0.5111472105975, 0.3026237752222, 0.343919188001, 0.4944878208909, 0.4519530270108, 0.2183823890265},
	},
	{
		name: "ten answers in unequal parts, a covariate of 50,000", set: "303", centre: 50000, logLik: -276.5536134514,
		estimates: []float64{-3.251517666419, -2.415799067791, -1.930362591328, -1.574504114101, -1.080533773936, -0.5891930058069, -0.02118636942736, 0.4726376299027, 3.198117038814, 0.2864650130582, 0.2061313222056},
		se:        []float64{0.4635345297428, 0.3256838954787, 0.2729518015269, 0.2439766289796, 0.214666585757, 0.1966770601907, 0.1893221307386, 0.1943751035311, 0.4312161763881, 0.3526099909207, 0.1501288161747},
	},
	{
		name: "fifty people, four to six nights", set: "404", centre: 0, logLik: -358.0524297339,
		estimates: []float64{-1.452977925826, -0.4374920579359, 0.794502127026, 0.4793135022625, 0.3149128012808},
		se:        []float64{0.1952752806075, 0.1695593139195, 0.1741319068763, 0.2226209768708, 0.119012914702},
		sandwich:  []float64{0.2636881375016, 0.25996231201, 0.2605579122419, 0.3374517659226, 0.111108816374},
		mixed15:   []float64{-1.824017688187, -0.5766059816666, 0.9782452776786, 0.5940891191029, 0.384877392458, 1.127084150234, -343.2144491712},
		mixed31:   []float64{-1.824017697392, -0.576606011479, 0.9782452686663, 0.5940890813455, 0.3848773622978, 1.127084090521, -343.214449169},
		exact:     []float64{-1.824017864215, -0.5766009887769, 0.9782470219992, 0.5940811937878, 0.3848777789927, 1.12707354262, -343.2144491661},
		exactSE:   []float64{0.3190831823345, 0.2936582103872, 0.2963330166722, 0.3981732771046, 0.134052078942, 0.2009868238171},
	},
	{
		name: "one to nine nights, ends given by a tenth, people far apart, a year as covariate", set: "505", centre: 2026, logLik: -441.7930384169,
		estimates: []float64{-3.614045528611, -2.684226485677, -0.4579583232301, 1.327152569856, 2.862323622993, -0.5002857905979, 0.2634436666424},
		se:        []float64{0.3330676930507, 0.2285580633953, 0.1323616836463, 0.152904218291, 0.2629627997177, 0.2343975226326, 0.1020151169849},
		sandwich:  []float64{0.4123421389312, 0.3218453082352, 0.225180758781, 0.279369212628, 0.3728985455183, 0.4833862972705, 0.09881601104893},
		mixed15:   []float64{-4.997119166132, -3.902815946335, -0.841947859826, 2.193023029737, 4.498026523298, -0.6029042755205, 0.4287753965226, 2.01678714747, -384.9715512431},
		mixed31:   []float64{-4.997120752159, -3.902817535651, -0.8419489916569, 2.193023485458, 4.498026055333, -0.602910501116, 0.4287753322455, 2.016788715517, -384.9715519679},
		exact:     []float64{-4.997131277818, -3.9028265662, -0.8419570928009, 2.193018717108, 4.498019539647, -0.6029300686787, 0.4287754922447, 2.016790505563, -384.9715519671},
		exactSE:   []float64{0.5197104557204, 0.4424472170457, 0.3630568501351, 0.3941198040176, 0.5058214528568, 0.6632967821889, 0.1194636498718, 0.2762458138175},
	},
	{
		name: "one to four nights, people close together, a covariate of a million", set: "606", centre: 1e+06, logLik: -75.49432070156,
		estimates: []float64{-1.145521103608, 3.343773447847, 1.046464497945, 1.041250311102},
		se:        []float64{0.2825624308075, 0.4804650488581, 0.4807901786523, 0.2291885896568},
		sandwich:  []float64{0.3262547677116, 0.5053555935075, 0.4069627461165, 0.2179032064986},
		mixed15:   []float64{-1.207772779742, 3.502294258565, 1.10584366191, 1.101306312362, 0.5443957639778, -75.37932630345},
		mixed31:   []float64{-1.2077727797, 3.502294258506, 1.105843661924, 1.101306312336, 0.5443957639614, -75.37932630345},
		exact:     []float64{-1.207772785277, 3.502294248944, 1.105843577837, 1.101306295983, 0.5443957875576, -75.37932630345},
		exactSE:   []float64{0.3400423868792, 0.6165976077347, 0.5431479501958, 0.2758407595192, 0.6519834126887},
	},
}

// answers are a set's rows, x less by.
func (c ordinalCase) answers(t testing.TB, by float64) (d *terms.Design, y, person []int) {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(ordinalCSV)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var arm, x []float64
	var ids []string
	for _, r := range all[1:] {
		if r[0] != c.set {
			continue
		}
		var v [3]float64
		for j := range v {
			if v[j], err = strconv.ParseFloat(r[j+2], 64); err != nil {
				t.Fatal(err)
			}
		}
		ids, arm, x, y = append(ids, r[1]), append(arm, v[0]), append(x, v[1]-by), append(y, int(v[2]))
	}
	person, _ = lmm.Codes(ids)
	return build(t, []terms.Variable{terms.Numeric("arm", arm), terms.Numeric("x", x)}, "arm", "x"), y, person
}

func TestOrdinalAgainstR(t *testing.T) {
	all := func(f *ordinal.Fit) []stats.Estimate {
		return append(append([]stats.Estimate(nil), f.Thresholds...), f.Coefficients...)
	}
	for _, c := range ordinalCases {
		t.Run(c.name, func(t *testing.T) {
			d, y, person := c.answers(t, c.centre)
			f, err := ordinal.Cumulative(d, y, 0)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "logLik", f.LogLik, c.logLik, 1e-12)
			nearAll(t, "estimates", column(all(f), valueOf), c.estimates, 1e-10)
			nearAll(t, "se", column(all(f), seOf), c.se, 1e-10)
			raw, _, _ := c.answers(t, 0)
			far, err := ordinal.Cumulative(raw, y, 0)
			if err != nil {
				t.Fatal(err)
			}
			nearAll(t, "far from zero", column(far.Coefficients, valueOf), c.estimates[len(f.Thresholds):], 1e-10)
			nearAll(t, "its se", column(far.Coefficients, seOf), c.se[len(f.Thresholds):], 1e-10)
			if c.mixed15 == nil {
				return
			}
			m, err := ordinal.Marginal(raw, y, person, 0)
			if err != nil {
				t.Fatal(err)
			}
			nearAll(t, "sandwich", column(m.Coefficients, seOf), c.sandwich[len(f.Thresholds):], 1e-10)
			for nodes, want := range map[int][]float64{15: c.mixed15, 31: c.mixed31} {
				c.intercept(t, d, y, person, nodes, want)
			}
		})
	}
}

func (c ordinalCase) intercept(t *testing.T, d *terms.Design, y, person []int, nodes int, want []float64) {
	t.Helper()
	m, err := ordinal.Intercept(d, y, person, nodes, 0)
	if err != nil {
		t.Fatal(err)
	}
	k := len(want) - 2
	all := append(append([]stats.Estimate(nil), m.Thresholds...), m.Coefficients...)
	near(t, "logLik", m.LogLik, want[k+1], 1e-11)
	near(t, "sigma of clmm", m.Sigma.Value, want[k], 5e-5)
	nearAll(t, "within, of clmm", column(all, valueOf), want[:k], 5e-5)
	if nodes == 31 {
		near(t, "logLik of the integral", m.LogLik, c.exact[k+1], 1e-11)
		nearAll(t, "within", append(column(all, valueOf), m.Sigma.Value), c.exact[:k+1], 1e-8)
		nearAll(t, "its se", append(column(all, seOf), m.Sigma.SE), c.exactSE, 1e-8)
	}
}
