package cli

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"abide/dataio"
	"abide/diagnose"
	"abide/spec"
	"abide/train"
)

const pixels = 64

// An independent judge of the digits example: a classifier by the five nearest
// neighbours knows nothing of diffusion, and is asked which digit each sample is.
//
// Fitted to the rows the network was trained on it could be flattered by a network
// that repeats them; fitted to the held-out rows, which the network has never seen,
// it cannot. Its accuracy on real digits stands beside.
//
// The law of all samples together, each digit as often as among real ones, is
// compared with the held-out digits by the energy distance. The floor is the same
// distance between disjoint random sets of real digits of the same sizes, drawn 60
// times: the null distribution, whose root mean square √((1/n + 1/m)·E‖X−X′‖) is known
// as well.
func TestDigits(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(root, "examples", "digits", "digits.toml")
	real, err := dataio.ReadTable(filepath.Join(root, "examples", "digits", "digits.csv"), nil)
	if err != nil {
		t.Fatal(err)
	}
	model := filepath.Join(root, "examples", "digits", "prior.safetensors")
	m, err := train.Read(model)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(model); err != nil || info.Size() > 1<<20 {
		t.Errorf("the shipped model takes %d bytes, %v", info.Size(), err)
	}
	s, err := spec.Load(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	if l, err := newLesson(s); err != nil || l.fingerprint != m.Card.Fingerprint {
		t.Fatalf("the shipped model does not fit spec and data, and would be trained anew: %v", err)
	}
	fitted, held := m.Card.Settings.Split(real.Rows)
	x, y := digitsOf(real, fitted)
	xh, yh := digitsOf(real, held)

	// 110 samples of each digit: 100 to be classified, and as many as real digits have
	// for the energy distance.
	folder := t.TempDir()
	samples := make([][]float64, 10)
	for k := range samples {
		out := fmt.Sprintf("digit%d", k)
		must(t, folder, "run", name, fmt.Sprintf("prior.given=[%d]", k), "run.samples=110", "run.chunk=110", "--seed", fmt.Sprint(k), "--out", out, "-q")
		s, err := readSamples(filepath.Join(folder, out))
		if err != nil {
			t.Fatal(err)
		}
		samples[k] = s.X
	}
	var intended []float64
	var each []float64
	for k, s := range samples {
		each = append(each, s[:100*pixels]...)
		intended = append(intended, slices.Repeat([]float64{float64(k)}, 100)...)
	}
	onSamples, onReal := accuracy(x, y, each, intended), accuracy(x, y, xh, yh)
	byHeld, onFitted := accuracy(xh, yh, each, intended), accuracy(xh, yh, x, y)
	t.Logf("5 nearest of %d fitted digits: %.1f %% of the samples are what was asked for; of %d held-out digits it knows %.1f %%", len(y), 100*onSamples, len(yh), 100*onReal)
	t.Logf("5 nearest of %d held-out digits: %.1f %% of the samples; of %d fitted digits %.1f %%", len(yh), 100*byHeld, len(y), 100*onFitted)
	if onSamples < 0.9 || byHeld < 0.9 {
		t.Error("wanted at least 90 % by either")
	}

	var all []float64
	count := make([]int, 10)
	for _, label := range append(append([]float64{}, y...), yh...)[:1000] { // in random order
		count[int(label)]++
	}
	for k, n := range count {
		n = min(n, 110)
		all = append(all, samples[k][:n*pixels]...)
	}
	n := len(all) / pixels
	energy := func(a, b []float64) float64 { return diagnose.EnergyDistance(a, b, pixels) }
	var null []float64
	everything, _ := digitsOf(real, append(append([]int{}, fitted...), held...))
	floor := diagnose.TwoSampleFloor(everything, pixels, n, len(held), 60, 1, func(a, b []float64) float64 {
		null = append(null, energy(a, b))
		return null[len(null)-1]
	})
	slices.Sort(null)
	got := energy(all, xh)
	t.Logf("energy distance of %d samples to %d held-out digits: %.3f; floor %.3f (%.2f times; the farthest of 60 pairs of real sets %.3f)", n, len(held), got, floor, got/floor, null[len(null)-1])
	if !(got <= 2*floor) {
		t.Error("wanted at most twice the floor")
	}

	near, own := diagnose.NearestNeighbour(all, x, pixels, nil), diagnose.NearestNeighbour(xh, x, pixels, nil)
	a, b := diagnose.Quantile(near, 0.5), diagnose.Quantile(own, 0.5)
	t.Logf("median distance to the nearest fitted digit: samples %.2f, held-out digits %.2f", a, b)
	if !(a >= 0.8*b) || slices.Min(near) == 0 {
		t.Error("the samples repeat the digits they were made from")
	}
}

// digitsOf are the pixels and labels of rows.
func digitsOf(t *dataio.Table, rows []int) (x, labels []float64) {
	for _, r := range rows {
		row := t.Data[r*(pixels+1) : (r+1)*(pixels+1)]
		x, labels = append(x, row[:pixels]...), append(labels, row[pixels])
	}
	return x, labels
}

// accuracy is the share of points whose label is that of most of their five
// nearest known ones; the nearer label where two are as frequent.
func accuracy(known, labels, x, want []float64) float64 {
	type near struct{ distance, label float64 }
	right := 0
	for i, w := range want {
		var best []near
		for j, label := range labels {
			d := 0.0
			for k := range pixels {
				r := x[i*pixels+k] - known[j*pixels+k]
				d += r * r
			}
			if len(best) == 5 && d >= best[4].distance {
				continue
			}
			at, _ := slices.BinarySearchFunc(best, d, func(n near, d float64) int {
				if n.distance <= d {
					return -1
				}
				return 1
			})
			best = slices.Insert(best, at, near{d, label})
			best = best[:min(len(best), 5)]
		}
		votes := map[float64]int{}
		most, guess := 0, math.NaN()
		for _, n := range best {
			votes[n.label]++
		}
		for _, n := range best {
			if votes[n.label] > most {
				most, guess = votes[n.label], n.label
			}
		}
		if guess == w {
			right++
		}
	}
	return float64(right) / float64(len(want))
}
