//go:build slow

package method

import "testing"

// The square of 32 by 32 points seen at sixteen: W₂² of 93 direct draws is 257.5, of
// 189 it is 130.5 (kit T4, computed independently), and samplers that are exact for
// Gaussians keep within a fifth.
func TestFieldKitIsSampledAsByDirectDraws(t *testing.T) {
	seen := make([]int, 16)
	for k := range seen {
		seen[k] = 32 + 64*k
	}
	q, e := fieldProblem(t, []int{32, 32}, seen)
	for n, direct := range map[int]float64{93: 257.5, 189: 130.5} {
		s := heun(t, 24)
		s.Samples, s.Chunk = n, n
		w := bures(e.Law, sample(t, "tmpd", q, s).Samples.X)
		t.Logf("%d samples: W₂² %.1f, direct draws %.1f, ratio %.3f", n, w, direct, w/direct)
		if !(w <= 1.2*direct) {
			t.Errorf("W₂² of %d samples is %.1f, direct draws have %.1f", n, w, direct)
		}
	}
}
