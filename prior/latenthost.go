package prior

import (
	"math"
	"slices"
)

// interval of angles.
type interval struct{ low, high float64 }

// angles at shares x of an interval.
func (w interval) angles(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = w.low + (w.high-w.low)*v
	}
	return out
}

// table is cos kα, [n, K].
func (a *axis) table(angle []float64) []float64 {
	out := make([]float64, 0, len(angle)*a.terms)
	for _, v := range angle {
		for k := range a.terms {
			out = append(out, math.Cos(float64(k)*v))
		}
	}
	return out
}

// seriesAt is Σ e_lk T_l(α) T_k(β) at the nodes of both, [a, b].
func (l *Latent) seriesAt(e, fast, slow []float64) []float64 {
	kl, ks := l.fast.terms, l.slow.terms
	na, nb := len(fast)/kl, len(slow)/ks
	out, mid := make([]float64, na*nb), make([]float64, ks)
	for a := range na {
		clear(mid)
		for i, t := range fast[a*kl : (a+1)*kl] {
			for k, v := range e[i*ks : (i+1)*ks] {
				mid[k] += t * v
			}
		}
		for b := range nb {
			var s float64
			for k, t := range slow[b*ks : (b+1)*ks] {
				s += t * mid[k]
			}
			out[a*nb+b] = s
		}
	}
	return out
}

// search is windows on the host for one series; it also gives the best angles it met.
func (l *Latent) search(e []float64, depth float64) (fast, slow interval, bestFast, bestSlow float64) {
	grid := func(a *axis) []float64 {
		if a.terms == 1 {
			return []float64{0.5}
		}
		x := make([]float64, zoomNodes)
		for i := range x {
			x[i] = float64(i) / (zoomNodes - 1)
		}
		return x
	}
	fast, slow = interval{0, math.Pi}, interval{0, math.Pi}
	xf, xs := grid(l.fast), grid(l.slow)
	for range zoomSteps {
		af, as := fast.angles(xf), slow.angles(xs)
		value := l.seriesAt(e, l.fast.table(af), l.slow.table(as))
		top := 0
		for i, v := range value {
			if v > value[top] {
				top = i
			}
		}
		bestFast, bestSlow = af[top/len(as)], as[top%len(as)]
		hf, hs := interval{10, -10}, interval{10, -10}
		least := value[top] - depth - slackOf(value, len(as), top)
		for i, v := range value {
			if v >= least {
				f, s := af[i/len(as)], as[i%len(as)]
				hf, hs = interval{min(hf.low, f), max(hf.high, f)}, interval{min(hs.low, s), max(hs.high, s)}
			}
		}
		fast, slow = fast.closed(hf, len(xf)), slow.closed(hs, len(xs))
	}
	return fast, slow, bestFast, bestSlow
}

// slackOf is slack on the host, for values [a, b] with columns b.
func slackOf(value []float64, columns, best int) float64 {
	var most float64
	for _, axis := range []struct{ place, n, stride int }{{best / columns, len(value) / columns, columns}, {best % columns, columns, 1}} {
		if axis.n == 1 {
			continue
		}
		below, above := best-axis.stride, best+axis.stride
		switch axis.place {
		case 0:
			below = above
		case axis.n - 1:
			above = below
		}
		most = max(most, value[best]-0.5*(value[below]+value[above]))
	}
	return 0.5 * most
}

func (w interval) closed(hull interval, n int) interval {
	if n == 1 {
		return w
	}
	step := 2 * (w.high - w.low) / float64(n-1)
	return interval{max(w.low, hull.low-step), min(w.high, hull.high+step)}
}

// Estimate is the parameters whose field is nearest to x, the slow axis' and the fast
// axis', by least squares.
func (l *Latent) Estimate(x []float64) (slow, fast float64) {
	e := l.tells(x)
	for i, h := range l.half {
		e[i] -= h
	}
	_, _, f, s := l.search(e, 0)
	return l.slow.theta(s), l.fast.theta(f)
}

// posterior is log ∫ e^ℓ dθ, θ uniform on the box, and E[T_l T_k] under e^ℓ, for the
// noise level sigma of a field z, both in the user's unit.
func (l *Latent) posterior(z []float64, sigma float64) (logZ float64, c []float64) {
	e := l.tells(z)
	for i, h := range l.half {
		e[i] = (e[i] - h) / (sigma * sigma)
	}
	fast, slow, _, _ := l.search(e, windowDepth)
	tf, wf := l.fast.ruleOn(fast, l.nodes())
	ts, ws := l.slow.ruleOn(slow, l.nodes())
	value := l.seriesAt(e, tf, ts)
	for i := range value {
		value[i] += math.Log(wf[i/len(ws)]) + math.Log(ws[i%len(ws)])
	}
	// Shares are normalised by their sum: its logarithm is large and rounded.
	top, total := slices.Max(value), 0.0
	for i, v := range value {
		value[i] = math.Exp(v - top)
		total += value[i]
	}
	logZ = top + math.Log(total)
	kl, ks := l.fast.terms, l.slow.terms
	c = make([]float64, kl*ks)
	mid := make([]float64, ks)
	for a := range wf {
		clear(mid)
		for b := range ws {
			p := value[a*len(ws)+b] / total
			for k, t := range ts[b*ks : (b+1)*ks] {
				mid[k] += p * t
			}
		}
		for i, t := range tf[a*kl : (a+1)*kl] {
			for k, m := range mid {
				c[i*ks+k] += t * m
			}
		}
	}
	return logZ, c
}

// ruleOn is the rule of the sums on the host: T_k and the share of the box of each node.
func (a *axis) ruleOn(w interval, n int) (t, weight []float64) {
	if a.terms == 1 {
		return []float64{1}, []float64{1}
	}
	x, g := legendre(n)
	angle := w.angles(x)
	for i := range g {
		g[i] *= 0.5 * (w.high - w.low) * math.Sin(angle[i])
	}
	return a.table(angle), g
}

// LogDensity is log ∫ N(u; u(θ), σ²I) dθ, and without noise −∞: the law lives on a
// surface, and u is not on it to the last bit; see [Law].
func (l *Latent) LogDensity(u []float64, sigma float64) float64 {
	if sigma == 0 {
		return math.Inf(-1)
	}
	z := make([]float64, len(u))
	l.at.ToX(z, u)
	s := sigma * l.scale
	logZ, _ := l.posterior(z, s)
	var square float64
	for _, v := range z {
		square += v * v
	}
	// The field in sampler coordinates has the density of z times scaleᵈ.
	return logZ - 0.5*square/(s*s) - 0.5*float64(len(u))*math.Log(2*math.Pi*sigma*sigma)
}

// Score is (D(u, σ) − u)/σ²; see [Law].
func (l *Latent) Score(dst, u []float64, sigma float64) {
	z := make([]float64, len(u))
	l.at.ToX(z, u)
	_, c := l.posterior(z, sigma*l.scale)
	mean := l.field(c)
	for j := range u {
		dst[j] = ((mean[j]-l.at.Shift[j])/l.scale - u[j]) / (sigma * sigma)
	}
}
