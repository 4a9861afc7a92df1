package correct

// Corrector moves points to where they obey, in place, and marks those for which it
// finds no such place; nil marks none. It is safe for several goroutines.
type Corrector interface {
	// Correct takes rows of sampler coordinates, on its way.
	Correct(u []float64) (infeasible []bool)
	// Finish takes rows in the user's units, at the end, by so many workers (0: all
	// cores); what it does not mark obeys every row to its tolerance.
	Finish(x []float64, workers int) (infeasible []bool)
}

var (
	_ Corrector = Projection{}
	_ Corrector = (*Field)(nil)
)
