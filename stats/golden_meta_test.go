package stats_test

import (
	"testing"

	"dvala/stats/meta"
)

func TestGoldenMeta(t *testing.T) {
	e := expected(t, "08_effect_sizes")
	y, v := e.nums("metafor_g"), e.nums("metafor_v_LS")
	for name, spread := range map[string]meta.Spread{
		"DL": meta.DerSimonianLaird, "REML": meta.REML, "PM": meta.PauleMandel, "ML": meta.ML, "EE": meta.Common,
	} {
		for suffix, errors := range map[string]meta.Errors{"z": meta.Normal, "knha": meta.KnappHartung} {
			w := e.at("meta_" + name + "_" + suffix)
			r, err := meta.Combine(y, v, meta.Options{Spread: spread, Errors: errors})
			if err != nil {
				t.Fatal(err)
			}
			near(t, name+" mean", r.Mean.Value, w.num("mu"), 1e-10)
			near(t, name+" se", r.Mean.SE, w.num("se"), 1e-10)
			nearAll(t, name+" interval", []float64{r.Mean.Low, r.Mean.High}, w.nums("ci"), 1e-9)
			near(t, name+" p", r.Mean.P, w.num("p"), 1e-8)
			near(t, name+" tau2", r.Tau2, w.num("tau2"), 1e-6)
			near(t, name+" Q", r.Q, w.num("Q"), 1e-10)
			near(t, name+" Q p", r.QP, w.num("Q_p"), 1e-10)
			near(t, name+" I2", r.I2, w.num("I2"), 1e-6)
			near(t, name+" H2", r.H2, w.num("H2"), 1e-6)
			if spread == meta.Common {
				continue
			}
			near(t, name+" se tau2", *r.Tau2SE, w.num("se_tau2"), 1e-8)
			nearAll(t, name+" next", r.Predicted[:], w.nums("pred_interval"), 1e-9)
			if errors == meta.Normal {
				shrunk(t, r, e.nums("blup_"+name+"/pred"), e.nums("blup_"+name+"/se"), 1e-9)
			}
		}
	}
	posterior(t, y, v, e.at("bayes_normal_normal"))
}

func shrunk(t *testing.T, r meta.Result, value, se []float64, tol float64) {
	t.Helper()
	for i, s := range r.Shrunk {
		near(t, "shrunk", s.Value, value[i], tol)
		near(t, "shrunk se", s.SE, se[i], tol)
	}
}

func posterior(t *testing.T, y, v []float64, w tree) {
	t.Helper()
	p, err := meta.NormalNormal(y, v, meta.Prior{Mean: w.num("m0"), SD: w.num("s0"), Tau: w.num("tau_scale")}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "μ", p.Mu.Mean, w.num("mu_mean"), 1e-9)
	near(t, "μ sd", p.Mu.SD, w.num("mu_sd"), 1e-9)
	nearAll(t, "μ interval", []float64{p.Mu.Low, p.Mu.High}, w.nums("mu_ci95"), 1e-8)
	near(t, "Pr(μ>0)", p.Mu.Positive, w.num("pr_mu_gt_0"), 1e-9)
	near(t, "τ", p.Tau.Mean, w.num("tau_mean"), 1e-9)
	near(t, "τ sd", p.Tau.SD, w.num("tau_sd"), 1e-9)
	for i, b := range p.Theta {
		near(t, "θ", b.Mean, w.nums("theta_mean")[i], 1e-8)
		near(t, "θ sd", b.SD, w.nums("theta_sd")[i], 1e-8)
	}
}

func TestGoldenMetaOfPeople(t *testing.T) {
	e := expected(t, "17_nof1")
	y, se := e.nums("individual_est"), e.nums("individual_se")
	v := make([]float64, len(se))
	for i := range se {
		v[i] = se[i] * se[i]
	}
	r, err := meta.Combine(y, v, meta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := e.at("meta_REML_HKSJ")
	near(t, "μ", r.Mean.Value, w.num("mu"), 1e-9)
	near(t, "se", r.Mean.SE, w.num("se"), 1e-9)
	nearAll(t, "interval", []float64{r.Mean.Low, r.Mean.High}, w.nums("ci"), 1e-8)
	near(t, "τ²", r.Tau2, w.num("tau2"), 1e-8)
	shrunk(t, r, w.nums("blup"), w.nums("blup_se"), 1e-8)
	d, err := meta.Combine(y, v, meta.Options{Spread: meta.DerSimonianLaird, Errors: meta.Normal})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "DL τ²", d.Tau2, e.num("meta_DL/tau2"), 1e-10)
	near(t, "DL se", d.Mean.SE, e.num("meta_DL/se"), 1e-10)
	posterior(t, y, v, e.at("bayes"))
}
