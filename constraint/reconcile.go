package constraint

import "math"

// reconcile makes bounds of one column that cross meet in one value: rows such
// as 3x <= 0.3 and x >= 0.1 differ in the last bit, and no point would obey both
// exactly. Bounds that cross by more than their tolerance are found out when the
// result is judged by its rows.
func (p *Projector) reconcile() {
	for j := range p.dim {
		low, high := math.Inf(-1), math.Inf(1)
		for i := range p.linear {
			if f := &p.linear[i]; f.column == j {
				if f.equality || f.normal.sign > 0 {
					high = min(high, f.limit)
				}
				if f.equality || f.normal.sign < 0 {
					low = max(low, f.limit)
				}
			}
		}
		for i := range p.linear {
			if f := &p.linear[i]; f.column == j && high <= f.limit && f.limit <= low {
				f.limit = high
			}
		}
	}
}
