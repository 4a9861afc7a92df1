// Package field draws Gaussian random fields on grids and meshes: by their
// spectrum ([Spectral]), by embedding a stationary covariance in a circulant one
// ([Circulant]), by covariances that are products over axes ([Kronecker]), by the
// leading eigenfunctions of any covariance ([KL]), and by a stochastic partial
// differential equation with sparse precision ([SPDE], [FractionalSPDE]). [LevelSet] and
// [LogNormal] push fields forward to coefficients.
//
// A draw is named by (seed, index): any one can be made again alone, in any order
// and from any number of goroutines, which may share a field.
package field

// Sampler is a law of fields at Size places. Sample writes draw number index of a
// seed; it is safe for use by several goroutines.
type Sampler interface {
	Size() int
	Sample(dst []float64, seed uint64, index int)
}

// Gaussian is a Gaussian field as the image of independent N(0, 1) numbers under an
// affine map, u = mean + L ξ with L Lᵀ = C: the form in which it is a prior of an
// inverse problem. Gradients go back by Adjoint, white = Lᵀ u, which overwrites u. All
// methods are safe for use by several goroutines.
type Gaussian interface {
	Sampler
	White() int // numbers of ξ
	Map(dst, white []float64)
	Adjoint(white, u []float64)
}
