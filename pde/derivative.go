package pde

// Linearised is a Family whose residuals have a sparse Jacobian:
// own: that of the rows it returns, not of another discretisation.
type Linearised interface {
	Family
	// Linearise writes the entries of the Jacobian at a sample, in an order that
	// depends on no number of it.
	Linearise(e *Entries, s Sample)
}

// Products is a Family whose Jacobian is not sparse but has cheap products: JVP writes
// J v, VJP writes Jᵀ w, at a sample.
type Products interface {
	Family
	JVP(dst []float64, s, v Sample)
	VJP(dst, s Sample, w []float64)
}

// Completed is a Family whose last array follows from the others and, where it is a
// trajectory of which no other array has the beginning, from its own first state.
type Completed interface {
	Family
	// Complete computes the last array again, as Draw does.
	Complete(s Sample) error
}

// Signed is a Family with rows max(0, g) of inequalities g ≤ 0, which Linearise
// differentiates as g. SignedResidual is Residual with g in their place.
type Signed interface {
	Linearised
	// Upper are the places of such rows in Rows.
	Upper() []int
	SignedResidual(dst []float64, s Sample) error
}

// Entries are the entries of a Jacobian, one after the other. Several at one place add
// up.
type Entries struct {
	Row, Array, Place []int32 // residual, array of the sample and number in it
	Value             []float64
	Values            bool // that the places are known: Value alone is written
}

// Reset begins anew and says whether places are wanted.
func (e *Entries) Reset(values bool) {
	e.Row, e.Array, e.Place, e.Value, e.Values = e.Row[:0], e.Array[:0], e.Place[:0], e.Value[:0], values
}

// Add is one entry.
func (e *Entries) Add(row, array, place int, value float64) {
	e.Value = append(e.Value, value)
	if !e.Values {
		e.place(row, array, place)
	}
}

func (e *Entries) place(row, array, place int) {
	e.Row, e.Array, e.Place = append(e.Row, int32(row)), append(e.Array, int32(array)), append(e.Place, int32(place))
}
