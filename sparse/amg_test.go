package sparse

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func amgNew(t *testing.T, a *CSR, o AMGOptions) *AMG {
	t.Helper()
	g, err := NewAMG(a, o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// amgIterations is how many CG takes to 1e-8 from zero, the solution checked.
func amgIterations(t *testing.T, a *CSR, m Solver) int {
	t.Helper()
	b, x := iterVector(a.Rows, 71), make([]float64, a.Rows)
	c, err := CG(t.Context(), a, m, x, b, Krylov{})
	if err != nil {
		t.Fatal(err)
	}
	return c.Iterations
}

// amgLogNormal is exp of a smooth field of standard deviation 1 and more, with random
// phases.
func amgLogNormal(seed uint64) func(x, y float64) float64 {
	r := rand.New(rand.NewPCG(seed, 5))
	var kx, ky, phase [40]float64
	for i := range kx {
		kx[i], ky[i], phase[i] = 30*r.NormFloat64(), 30*r.NormFloat64(), 2*math.Pi*r.Float64()
	}
	return func(x, y float64) float64 {
		var s float64
		for i := range kx {
			s += math.Cos(kx[i]*x + ky[i]*y + phase[i])
		}
		return math.Exp(1.5 * s * math.Sqrt(2./40))
	}
}

func amgJumps(x, y float64) float64 {
	if math.Sin(9*x+2*y)*math.Cos(7*y-3*x) > 0 {
		return 12
	}
	return 3
}

// The cycle of two levels is what the formula says:
// I − M A = (I − (D+U)⁻¹A) (I − P (PᵀA P)⁻¹ Pᵀ A) (I − (D+L)⁻¹A), in dense numbers.
func TestAMGTwoLevels(t *testing.T) {
	elastic, points := iterElastic(6, 4, 0.3, true)
	modes, err := RigidModes(points, 2)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		a *CSR
		o AMGOptions
	}{
		"scalar":  {iterP1(10, 0.125, amgJumps), AMGOptions{Coarsest: 30}},
		"elastic": {elastic, AMGOptions{Block: 2, Near: modes, Coarsest: 30}},
	} {
		g := amgNew(t, c.a, c.o)
		if len(g.levels) != 2 {
			t.Fatalf("%s: levels %v", name, g.Rows())
		}
		n := c.a.Rows
		a, p := iterDense(c.a), iterDense(g.levels[0].pt.Transpose())
		var coarse, e, left, right, middle mat.Dense
		coarse.Product(p.T(), a, p)
		if !mat.EqualApprox(&coarse, iterDense(g.levels[1].a), 1e-12) {
			t.Errorf("%s: the coarse matrix is not PᵀA P", name)
		}
		one := mat.NewDiagDense(n, slices.Repeat([]float64{1}, n))
		lower, upper := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
		for i := range n {
			for j := range n {
				if j <= i {
					lower.Set(i, j, a.At(i, j))
				}
				if j >= i {
					upper.Set(i, j, a.At(i, j))
				}
			}
		}
		if err := right.Solve(lower, a); err != nil {
			t.Fatal(err)
		}
		right.Sub(one, &right)
		if err := left.Solve(upper, a); err != nil {
			t.Fatal(err)
		}
		left.Sub(one, &left)
		var pa, solved mat.Dense
		pa.Mul(p.T(), a)
		if err := solved.Solve(&coarse, &pa); err != nil {
			t.Fatal(err)
		}
		middle.Mul(p, &solved)
		middle.Sub(one, &middle)
		e.Product(&left, &middle, &right)
		got := mat.NewDense(n, n, nil)
		m := make([]float64, n)
		for j := range n {
			g.Solve(m, mat.Col(nil, j, a))
			for i := range n {
				got.Set(i, j, -m[i])
			}
			got.Set(j, j, 1-m[j])
		}
		if !mat.EqualApprox(got, &e, 1e-11) {
			t.Errorf("%s: a cycle differs from the formula", name)
		}
	}
}

// P = (I − ω D⁻¹A') T keeps the near-null space: P applied to the next level's vectors
// is B − ω D⁻¹A B for constants, for other vectors, and for rigid-body modes, which A
// without support maps to zero; and the modes themselves deform nothing.
func TestAMGProlongatorKeepsNearNullSpace(t *testing.T) {
	scalar := iterP1(16, 0.125, amgLogNormal(1))
	elastic, points := iterElastic(14, 9, 0.3, false)
	modes, err := RigidModes(points, 2)
	if err != nil {
		t.Fatal(err)
	}
	w := make([]float64, elastic.Rows)
	for i, v := range modes {
		elastic.Apply(w, v)
		if d := length(w) / length(v); d > 1e-13 {
			t.Errorf("mode %d: ‖A v‖/‖v‖ = %.2g", i, d)
		}
	}
	other := iterVector(scalar.Rows, 72)
	for name, c := range map[string]struct {
		a *CSR
		o AMGOptions
	}{
		"constants": {scalar, AMGOptions{Coarsest: 20}},
		"a vector":  {scalar, AMGOptions{Coarsest: 20, Near: [][]float64{other}}},
		"two":       {scalar, AMGOptions{Coarsest: 20, Strength: 0.01, Near: [][]float64{other, constants(scalar.Rows, 1)[0]}}},
		"modes":     {elastic, AMGOptions{Coarsest: 20, Block: 2, Near: modes}},
	} {
		g := amgNew(t, c.a, c.o)
		for depth, l := range g.levels[:len(g.levels)-1] {
			rho, _ := l.radius()
			omega := 4. / 3 / rho
			for v, b := range l.near {
				want := make([]float64, l.a.Rows)
				l.a.Apply(want, b)
				for i := range want {
					want[i] = b[i] - omega*l.inverse[i]*want[i]
					if l.aggregate[i/l.block] < 0 {
						want[i] = 0
					}
				}
				got := make([]float64, l.a.Rows)
				l.pt.ApplyT(got, g.levels[depth+1].near[v])
				if d := iterDistance(got, want); d > 1e-12 {
					t.Errorf("%s, level %d, vector %d: differs by %.2g", name, depth, v, d)
				}
			}
		}
	}
}

// Modes in space: six vectors that a spring between any two points does not feel.
func TestRigidModesInSpace(t *testing.T) {
	points := iterVector(30, 73)
	modes, err := RigidModes(points, 3)
	if err != nil || len(modes) != 6 {
		t.Fatal(len(modes), err)
	}
	gram := mat.NewSymDense(6, nil)
	for m, v := range modes {
		for i := range 10 {
			for j := range 10 {
				var stretch float64
				for c := range 3 {
					stretch += (points[3*i+c] - points[3*j+c]) * (v[3*i+c] - v[3*j+c])
				}
				if math.Abs(stretch) > 1e-13 {
					t.Fatalf("mode %d stretches %d–%d by %g", m, i, j, stretch)
				}
			}
		}
		for k := range 6 {
			gram.SetSym(m, k, inner(v, modes[k]))
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(gram) {
		t.Error("modes depend on each other")
	}
}

// ⟨x, M y⟩ = ⟨M x, y⟩ and ⟨x, M x⟩ > 0, over levels down to the dense one.
func TestAMGSymmetricPositiveDefinite(t *testing.T) {
	elastic, points := iterElastic(20, 12, 0.3, true)
	modes, _ := RigidModes(points, 2)
	// Of 1, x, y and xy some depend on each other on small aggregates, and leave dead rows.
	square := iterP1(31, 0.125, amgJumps)
	four := constants(square.Rows, 4)
	for i := range square.Rows {
		x, y := float64(i%30), float64(i/30)
		four[0][i], four[1][i], four[2][i], four[3][i] = 1, x, y, x*y
	}
	for name, g := range map[string]*AMG{
		"four":     amgNew(t, square, AMGOptions{Near: four, Coarsest: 20}),
		"scalar":   amgNew(t, iterP1(40, 0.125, amgJumps), AMGOptions{Coarsest: 20}),
		"elastic":  amgNew(t, elastic, AMGOptions{Block: 2, Near: modes, Coarsest: 20}),
		"no modes": amgNew(t, elastic, AMGOptions{Block: 2, Coarsest: 20}),
		"singular": amgNew(t, iterGrid(30, 30, 1, iterOne, false), AMGOptions{Coarsest: 20}),
	} {
		n := g.levels[0].a.Rows
		if len(g.levels) < 3 {
			t.Errorf("%s: only the levels %v", name, g.Rows())
		}
		for seed := range uint64(10) {
			x, y := iterVector(n, 80+seed), iterVector(n, 90+seed)
			mx, my := make([]float64, n), make([]float64, n)
			g.Solve(mx, x)
			g.Solve(my, y)
			one, two := inner(x, my), inner(mx, y)
			if math.Abs(one-two) > 1e-12*length(x)*length(my) {
				t.Errorf("%s: ⟨x, M y⟩ = %.16g, ⟨M x, y⟩ = %.16g", name, one, two)
			}
			if s := inner(x, mx); !(s > 0) {
				t.Errorf("%s: ⟨x, M x⟩ = %g", name, s)
			}
			same := slices.Clone(x)
			g.Solve(same, same)
			if !slices.Equal(same, mx) {
				t.Errorf("%s: in place it gives something else", name)
			}
		}
	}
}

// A matrix no larger than the coarsest level is solved exactly; a diagonal one of any
// size too.
func TestAMGExact(t *testing.T) {
	a := iterP1(15, 0.125, amgJumps)
	b := iterVector(a.Rows, 74)
	x := make([]float64, a.Rows)
	amgNew(t, a, AMGOptions{}).Solve(x, b)
	if d := iterDistance(x, iterSolve(t, a, b)); d > 1e-12 {
		t.Errorf("differs from the dense solution by %.2g", d)
	}
	n := 5000
	diagonal := iterNew(n)
	for i := range n {
		diagonal.add(i, i, float64(1+i))
	}
	a = diagonal.csr()
	b, x = iterVector(n, 75), make([]float64, n)
	amgNew(t, a, AMGOptions{}).Solve(x, b)
	if r := iterResidual(a, x, b); r > 1e-15 {
		t.Errorf("diagonal matrix: residual %g", r)
	}
}

// The dense factor of a singular matrix is a symmetric inverse on its range, A G A = A,
// and no larger than the matrix that is left when an unknown is fixed makes it.
func TestSemidefinite(t *testing.T) {
	for seed := range uint64(10) {
		field := iterVector(48, seed)
		a := iterGrid(8, 6, 1, func(x, y, _ int) float64 { return math.Exp(field[8*y+x]) }, false)
		n := a.Rows
		f := newSemidefinite(a)
		g := mat.NewDense(n, n, nil)
		x := make([]float64, n)
		for j := range n {
			e := make([]float64, n)
			e[j] = 1
			f.Solve(x, e)
			g.SetCol(j, x)
		}
		dense := iterDense(a)
		var aga, left mat.Dense
		aga.Product(dense, g, dense)
		if !mat.EqualApprox(&aga, dense, 1e-11) || !mat.EqualApprox(g, g.T(), 1e-11) {
			t.Error("no symmetric inverse on the range")
		}
		if err := left.Inverse(dense.Slice(0, n-1, 0, n-1)); err != nil {
			t.Fatal(err)
		}
		if got, want := mat.Max(g), mat.Max(&left); got > want*(1+1e-10) {
			t.Errorf("largest entry %g, with one unknown fixed %g", got, want)
		}
	}
}

// Iterations hardly depend on the size: from n = 32 to 256 they grow by at most four,
// where those of plain CG grow eightfold. Coefficients that jump or vary by orders of
// magnitude cost little.
func TestAMGDoesNotDependOnSize(t *testing.T) {
	for name, k := range map[string]func(x, y float64) float64{"constant": iterUnit, "12/3": amgJumps, "log-normal": amgLogNormal(2)} {
		var iterations []int
		for _, n := range []int{32, 64, 128, 256} {
			a := iterP1(n, 0.125, k)
			iterations = append(iterations, amgIterations(t, a, amgNew(t, a, AMGOptions{})))
		}
		t.Log(name, iterations)
		if iterations[3]-iterations[0] > 4 || iterations[3] > 20 {
			t.Errorf("%s: iterations %v", name, iterations)
		}
	}
	var iterations []int
	for _, n := range []int{12, 24, 36} {
		a := iterGrid(n, n, n, iterOne, true)
		iterations = append(iterations, amgIterations(t, a, amgNew(t, a, AMGOptions{})))
	}
	t.Log("space", iterations)
	if iterations[2]-iterations[0] > 4 {
		t.Errorf("space: iterations %v", iterations)
	}
}

// A clamped beam: with its rigid-body modes the cycle needs less than half the
// iterations that it needs with translations alone, and hardly more where the beam is
// twice as long, which costs the other hierarchies as many again.
func TestAMGElasticity(t *testing.T) {
	var last int
	for _, columns := range []int{96, 192} {
		a, points := iterElastic(columns, 12, 0.3, true)
		modes, err := RigidModes(points, 2)
		if err != nil {
			t.Fatal(err)
		}
		with := amgIterations(t, a, amgNew(t, a, AMGOptions{Block: 2, Near: modes}))
		without := amgIterations(t, a, amgNew(t, a, AMGOptions{Block: 2}))
		scalar := amgIterations(t, a, amgNew(t, a, AMGOptions{}))
		t.Logf("%d columns: %d with modes, %d with translations, %d as if scalar", columns, with, without, scalar)
		if 2*with >= without || last > 0 && with > last+4 {
			t.Errorf("%d columns: %d iterations with modes, %d before, %d without", columns, with, last, without)
		}
		last = with
	}
}

// Neumann problems have solutions where the right-hand side is orthogonal to the null
// space.
func TestAMGSingular(t *testing.T) {
	elastic, points := iterElastic(30, 20, 0.3, false)
	modes, _ := RigidModes(points, 2)
	for name, c := range map[string]struct {
		a *CSR
		o AMGOptions
	}{
		"scalar":  {iterGrid(60, 60, 1, iterOne, false), AMGOptions{}},
		"elastic": {elastic, AMGOptions{Block: 2, Near: modes}},
		"dense":   {iterGrid(15, 15, 1, iterOne, false), AMGOptions{}},
	} {
		g := amgNew(t, c.a, c.o)
		n := c.a.Rows
		b, x := make([]float64, n), make([]float64, n)
		c.a.Apply(b, iterVector(n, 76))
		k, err := CG(t.Context(), c.a, g, x, b, Krylov{Tolerance: 1e-10})
		if err != nil || k.Iterations > 25 {
			t.Errorf("%s: %d iterations, %v", name, k.Iterations, err)
		}
	}
}

// Rows of identity, as for Dirichlet values that stay in the system, disturb nothing.
func TestAMGIdentityRows(t *testing.T) {
	a := iterGrid(50, 50, 1, iterOne, false)
	for i := range a.Rows {
		for k := a.Ptr[i]; k < a.Ptr[i+1]; k++ {
			j := int(a.Index[k])
			if i%50 == 0 || j%50 == 0 {
				a.Value[k] = 0
				if i == j {
					a.Value[k] = 1
				}
			}
		}
	}
	if n := amgIterations(t, a, amgNew(t, a, AMGOptions{})); n > 15 {
		t.Errorf("%d iterations", n)
	}
	// Rollers: one displacement of a node is known, the other is not.
	a, points := iterElastic(60, 40, 0.3, false)
	modes, err := RigidModes(points, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Rows {
		for k := a.Ptr[i]; k < a.Ptr[i+1]; k++ {
			// Points on the left are held in x, those at the bottom in y.
			if j := int(a.Index[k]); points[i] == 0 || points[j] == 0 {
				a.Value[k] = 0
				if i == j {
					a.Value[k] = 1
				}
			}
		}
	}
	if n := amgIterations(t, a, amgNew(t, a, AMGOptions{Block: 2, Near: modes})); n > 15 {
		t.Errorf("rollers: %d iterations", n)
	}
}

// Refactoring with the same values is the same solver; by others it is one for them, and
// it keeps the aggregates.
func TestAMGRefactor(t *testing.T) {
	a := iterP1(60, 0.125, iterUnit)
	g := amgNew(t, a, AMGOptions{})
	b := iterVector(a.Rows, 77)
	x, y := make([]float64, a.Rows), make([]float64, a.Rows)
	g.Solve(x, b)
	if err := g.Refactor(a); err != nil {
		t.Fatal(err)
	}
	g.Solve(y, b)
	if !slices.Equal(x, y) {
		t.Error("refactoring with the same values changes the solver")
	}
	other := iterP1(60, 0.125, amgLogNormal(3))
	stale := amgIterations(t, other, g)
	aggregates := g.levels[0].aggregate
	if err := g.Refactor(other); err != nil {
		t.Fatal(err)
	}
	fresh := amgIterations(t, other, g)
	t.Logf("%d iterations before, %d after", stale, fresh)
	if fresh > 20 || fresh >= stale {
		t.Errorf("%d iterations before, %d after", stale, fresh)
	}
	if &aggregates[0] != &g.levels[0].aggregate[0] {
		t.Error("the aggregates were made again")
	}
	if err := g.Refactor(iterP1(59, 0.125, iterUnit)); err == nil || !strings.Contains(err.Error(), "made for 3481×3481") {
		t.Errorf("another pattern: %v", err)
	}

	// What cannot be set up leaves the solver as it was, and a copy is the same solver.
	g.Solve(x, b)
	bad := other.Like()
	copy(bad.Value, other.Value)
	bad.Value[3] = math.NaN()
	if err := g.Refactor(bad); !errors.Is(err, ErrNonFinite) {
		t.Errorf("a NaN in the matrix: %v", err)
	}
	c := g.Copy()
	var wait sync.WaitGroup
	for _, m := range []*AMG{g, c} {
		wait.Go(func() {
			y := make([]float64, len(b))
			for range 3 {
				if m.Solve(y, b); !slices.Equal(x, y) {
					t.Error("after a failure, or in a copy, it is another solver")
				}
			}
		})
	}
	wait.Wait()
}

// Every node with a strong neighbour is in one aggregate, and aggregates hang together.
func TestAMGAggregates(t *testing.T) {
	a := iterP1(40, 0.125, amgLogNormal(4))
	l := &amgLevel{a: a, block: 1, near: constants(a.Rows, 1)}
	if err := l.diagonal(true); err != nil {
		t.Fatal(err)
	}
	g := l.connect(0.08)
	of, count := g.aggregate()
	members := make([][]int, count)
	for i, c := range of {
		if (c < 0) != (g.ptr[i] == g.ptr[i+1]) {
			t.Fatalf("node %d with %d strong neighbours is in aggregate %d", i, g.ptr[i+1]-g.ptr[i], c)
		}
		if c >= 0 {
			members[c] = append(members[c], i)
		}
	}
	for c, nodes := range members {
		reached := map[int]bool{}
		todo := []int{nodes[0]}
		for len(todo) > 0 {
			i := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if reached[i] {
				continue
			}
			reached[i] = true
			for _, j := range g.index[g.ptr[i]:g.ptr[i+1]] {
				if int(of[j]) == c {
					todo = append(todo, int(j))
				}
			}
		}
		if len(reached) != len(nodes) {
			t.Errorf("aggregate %d falls apart", c)
		}
	}
	// One unknown a node as blocks of one is the same graph.
	blocks := l.connectBlocks(0.08)
	if !slices.Equal(blocks.ptr, g.ptr) {
		t.Error("blocks of one have other strong connections")
	}
}

// The spectral radius is found from below, by a few per cent.
func TestAMGRadius(t *testing.T) {
	for _, a := range []*CSR{iterP1(18, 0.125, amgLogNormal(5)), iterLaplace(300), iterSymmetric(200, 78, func(int) float64 { return 15 })} {
		l := &amgLevel{a: a}
		if err := l.diagonal(true); err != nil {
			t.Fatal(err)
		}
		scaled := mat.NewSymDense(a.Rows, nil)
		for i := range a.Rows {
			for k := a.Ptr[i]; k < a.Ptr[i+1]; k++ {
				j := int(a.Index[k])
				scaled.SetSym(i, j, a.Value[k]*math.Sqrt(l.inverse[i]*l.inverse[j]))
			}
		}
		var eigen mat.EigenSym
		eigen.Factorize(scaled, false)
		values := eigen.Values(nil)
		want := values[len(values)-1]
		got, skew := l.radius()
		if got > want*(1+1e-10) || got < 0.93*want {
			t.Errorf("ρ = %.4f, estimated %.4f", want, got)
		}
		if skew > 1e-14 {
			t.Errorf("a symmetric matrix is skew by %g", skew)
		}
	}
	r := rand.New(rand.NewPCG(1, 6))
	for range 50 {
		n := 1 + r.IntN(8)
		d, e := make([]float64, n), make([]float64, n-1)
		full := mat.NewSymDense(n, nil)
		for i := range d {
			d[i] = math.Abs(r.NormFloat64())
			full.SetSym(i, i, d[i])
			if i > 0 {
				e[i-1] = r.NormFloat64()
				full.SetSym(i-1, i, e[i-1])
			}
		}
		var eigen mat.EigenSym
		eigen.Factorize(full, false)
		if want, got := eigen.Values(nil)[n-1], largestOf(d, e); math.Abs(got-want) > 1e-10 {
			t.Errorf("largest eigenvalue %.12g, found %.12g", want, got)
		}
	}
}

func TestAMGErrors(t *testing.T) {
	negative := iterLaplace(500)
	negative.Value[negative.Position(7, 7)] = -1
	hole := &CSR{Rows: 2, Cols: 2, Ptr: []int32{0, 1, 2}, Index: []int32{1, 0}, Value: []float64{1, 1}}
	for says, c := range map[string]struct {
		a *CSR
		o AMGOptions
	}{
		"row 7 is -1":                 {negative, AMGOptions{}},
		"row 0 stores no diagonal":    {hole, AMGOptions{}},
		"nodes of 3 unknowns":         {iterLaplace(500), AMGOptions{Block: 3}},
		"has 4 numbers for 500":       {iterLaplace(500), AMGOptions{Near: [][]float64{make([]float64, 4)}}},
		"‖v‖² = 0":                    {iterLaplace(500), AMGOptions{Near: [][]float64{make([]float64, 500)}}},
		"strength 2":                  {iterLaplace(500), AMGOptions{Strength: 2}},
		"not symmetric":               {iterUnsymmetric(500, 70), AMGOptions{}},
		"it is square and not empty":  {&CSR{Rows: 1, Cols: 2, Ptr: []int32{0, 0}}, AMGOptions{}},
		"give one, or nil for the co": {iterLaplace(500), AMGOptions{Near: [][]float64{}}},
	} {
		if _, err := NewAMG(c.a, c.o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v should say %q", err, says)
		}
	}
	if _, err := RigidModes(make([]float64, 5), 2); err == nil {
		t.Error("rigid modes of five coordinates in the plane")
	}
	// A matrix that is indefinite behind a positive diagonal is found by CG.
	a := iterGrid(40, 40, 1, iterOne, true)
	for i := range a.Rows {
		a.Value[a.Position(i, i)] -= 1
	}
	if _, err := CG(t.Context(), a, amgNew(t, a, AMGOptions{}), make([]float64, a.Rows), iterVector(a.Rows, 79), Krylov{}); !errors.Is(err, ErrIndefinite) {
		t.Errorf("indefinite matrix: %v", err)
	}
}

func TestAMGAllocatesNothing(t *testing.T) {
	a := iterP1(40, 0.125, iterUnit)
	g := amgNew(t, a, AMGOptions{})
	b, x := iterVector(a.Rows, 1), make([]float64, a.Rows)
	if n := testing.AllocsPerRun(5, func() { g.Solve(x, b) }); n > 0 {
		t.Errorf("%v allocations in a cycle", n)
	}
}
