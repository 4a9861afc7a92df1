package fem

import "fmt"

// Reaction is what prescribed values on named groups of facets supply to hold u where it
// is: the flux ∫ κ ∂u/∂n into the domain, of a vector space the force, component by
// component (of a scalar space the first). Without a name it is that of all the boundary.
//
//	R = a(u, w) − l(w),  w = 1 at the nodes of the groups and 0 at all others,
//
// with all terms of the problem in a and l. Fluxes balance to rounding: reactions,
// sources, Neumann and Robin fluxes sum to zero. ∫ κ ∇u·n over the facets does not, and has
// the order of the gradient; R has twice that where the solution is smooth. Not where the
// neighbours of a group have prescribed values too: the nodes in common count as a whole,
// and fluxes of sides that meet so are told apart to order h only.
//
// M. F. Wheeler, "A Galerkin procedure for estimating the flux for two-point boundary
// value problems", SIAM J. Numer. Anal. 11 (1974); G. F. Carey, S. S. Chow, M. K. Seager,
// "Approximate boundary-flux calculations", CMAME 50 (1985). Cost: one assembly.
func (p Problem) Reaction(u *Function, groups ...string) (Vec, error) {
	V := p.Space
	switch {
	case V == nil:
		return Vec{}, fmt.Errorf("fem: a problem without a space: make one by NewSpace")
	case u == nil || u.Space != V:
		return Vec{}, fmt.Errorf("fem: the reaction of a function of another space: take the solution of the problem")
	}
	dofs, err := V.DofsOn(groups...)
	if err != nil {
		return Vec{}, err
	}
	b, err := p.load()
	if err != nil {
		return Vec{}, err
	}
	a, err := p.matrix(nil, b)
	if err != nil {
		return Vec{}, err
	}
	r := make([]float64, V.n)
	a.Apply(r, u.Coef)
	var sum Vec
	for _, i := range dofs {
		sum[int(i)%V.components] += r[i] - b[i]
	}
	return sum, nil
}
