package method

// Families are the families of equations of abide data: the recipe of the data and
// the scheme that solves it.
var Families = []Part{
	{"darcy", []string{"brandt1977", "huang2024", "li2021", "lord2014"}},
	{"darcy1d", []string{"akyildiz2024"}},
	{"poisson", []string{"buzbee1970", "huang2024", "lord2014"}},
	{"helmholtz", []string{"buzbee1970", "huang2024", "lord2014"}},
	{"heat", []string{"carslaw1959", "crank1947", "lord2014"}},
	{"heat-closed", []string{"cheng2025", "mickens1994", "utkarsh2025"}},
	{"stokes-second", []string{"cheng2025", "hansen2023", "stokes1851"}},
	{"porous-medium", []string{"barenblatt1952", "cheng2025", "hansen2023"}},
	{"stefan", []string{"cheng2025", "hansen2023", "stefan1891"}},
	{"advection", []string{"takamoto2022"}},
	{"wave", []string{"courant1928", "hairer2003", "lord2014"}},
	{"burgers", []string{"cox2002", "huang2024", "kassam2005", "li2021", "orszag1971"}},
	{"burgers-shock", []string{"engquist1981", "godunov1959", "leveque2002", "rusanov1961", "utkarsh2025"}},
	{"reaction-diffusion", []string{"ascher1995", "utkarsh2025"}},
	{"allen-cahn", []string{"allen1979", "eyre1998", "lord2014"}},
	{"fitzhugh-nagumo", []string{"ascher1995", "takamoto2022"}},
	{"navier-stokes", []string{"basdevant1983", "cheng2025", "cox2002", "kassam2005", "li2021", "orszag1971", "utkarsh2025"}},
	{"stokes", []string{"elman2014", "lord2014", "taylor1973"}},
	{"elasticity", []string{"lord2014", "zienkiewicz2000"}},
	{"nonlinear-poisson", []string{"dennis1983", "qin2022"}},
}

// Numeric is a numerical method of the library, by the name that it is cited by.
type Numeric struct {
	Name       string
	About      string // what it is for, and what it is called in Go
	References []string
}

// Numerics are what equations are discretised and solved with, by package.
var Numerics = []Numeric{
	{"nested-dissection", "fill-reducing order of meshes, sparse.OrderCoordinates", []string{"george1973", "heath1995"}},
	{"minimum-degree", "fill-reducing order of any pattern, sparse.Order", []string{"amestoy1996"}},
	{"sparse-cholesky", "symmetric positive definite matrices, sparse.Cholesky", []string{"davis2005", "george1981", "liu1990"}},
	{"sparse-ldlt", "symmetric indefinite matrices, sparse.LDL", []string{"arioli1989", "davis2005", "li2003", "liu1990", "vanderbei1995"}},
	{"sparse-lu", "unsymmetric matrices, sparse.LU", []string{"gilbert1988"}},
	{"batched-cholesky", "eight matrices of one pattern at once, sparse.Batch", []string{"ashcraft1989", "hinze2009", "lions1968", "ng1993"}},
	{"tridiagonal", "lines of unknowns, sparse.Tridiagonal", []string{"thomas1949"}},
	{"cg", "conjugate gradients, sparse.CG and grid.Multigrid", []string{"hestenes1952", "saad2003"}},
	{"minres", "minimal residuals for symmetric indefinite matrices, sparse.MINRES", []string{"elman2014", "paige1975"}},
	{"gmres", "any matrix, with a preconditioner that may change, sparse.GMRES", []string{"saad1986", "saad1993"}},
	{"bicgstab", "any matrix in short recurrences, sparse.BiCGSTAB", []string{"vandervorst1992"}},
	{"incomplete-factors", "preconditioners sparse.IC0 and sparse.ILU0", []string{"manteuffel1980", "meijerink1977", "saad2003"}},
	{"algebraic-multigrid", "elliptic equations on any mesh, sparse.AMG", []string{"gustavson1978", "vanek1996"}},
	{"lanczos", "extreme eigenvalues of symmetric matrices, sparse.Lanczos", []string{"lanczos1950", "wu2000"}},
	{"fast-poisson", "constant coefficients on boxes, grid.Direct", []string{"buzbee1970", "hockney1965", "press2007", "swarztrauber1982"}},
	{"fft", "eight transforms at once, grid.LaneFFT", []string{"vanloan1992"}},
	{"multigrid", "variable coefficients on rectangles, grid.Multigrid", []string{"alcouffe1981", "brandt1977", "hestenes1952", "trottenberg2001"}},
	{"meshes", "generators, refinement, location of points, Gmsh's and VTK's files, package mesh", []string{"geuzaine2009", "hoare1961", "kitware2010", "kuhn1960", "zhang1995"}},
	{"finite-elements", "Lagrange elements and assembly, package fem", []string{"ciarlet1978", "davis2006"}},
	{"mixed-elements", "Stokes flow by Taylor–Hood elements and other block systems, fem.Saddle", []string{"brezzi1974", "elman2014", "taylor1973"}},
	{"raviart-thomas", "fluxes that balance mass in every cell, fem.RT0", []string{"nedelec1980", "raviart1977"}},
	{"elastic-solids", "displacements and stresses, fem.Elastic", []string{"babuska1992", "vonmises1913", "zienkiewicz2000"}},
	{"newton", "nonlinear forms with exact tangents, fem.Nonlinear and fem.Newton", []string{"clifford1873", "dennis1983", "griewank2008", "kelley1995"}},
	{"adjoint", "gradients of solutions by their parameters, fem.Sensitivity, fem.Trajectory and timestep.Differential", []string{"griewank2000", "griewank2008", "hinze2009"}},
	{"quadrature", "integrals over cells, fem.NewQuadrature", []string{"dunavant1985", "grundmann1978", "keast1986", "radon1948", "walkington2000"}},
	{"spectral-field", "Gaussian fields by their spectrum, field.Spectral", []string{"lord2014"}},
	{"circulant-embedding", "stationary Gaussian fields on grids, field.Circulant", []string{"dietrich1997", "wood1994"}},
	{"kronecker-field", "Gaussian fields with covariances that are products, field.Kronecker", []string{"saatci2011"}},
	{"karhunen-loeve", "leading modes of any covariance, field.KL", []string{"atkinson1997", "ghanem1991", "golub1977", "parlett1980"}},
	{"matern", "Matérn fields on meshes by a stochastic equation, field.Matern and field.SPDE", []string{"daon2018", "duff1983", "lindgren2011", "rasmussen2006", "roininen2014", "rue2007", "takahashi1973", "whittle1963"}},
	{"fractional-spde", "Matérn fields of any smoothness, field.FractionalSPDE", []string{"bolin2020", "bolin2020rational", "nakatsukasa2018"}},
	{"level-set", "phases of a field, field.LevelSet", []string{"iglesias2016"}},
	{"theta", "explicit and implicit Euler and Crank–Nicolson, timestep.Theta", []string{"crank1947", "hairer1996"}},
	{"bdf2", "stiff equations from rough data, timestep.BDF2", []string{"curtiss1952", "hairer1993"}},
	{"imex", "Crank–Nicolson with Adams–Bashforth, timestep.IMEX", []string{"ascher1995"}},
	{"etdrk4", "stiff diagonal part, smooth rest, timestep.ETDRK4", []string{"cox2002", "kassam2005"}},
	{"ssp", "conservation laws, timestep.SSP", []string{"shu1988"}},
	{"leapfrog", "waves, timestep.Leapfrog", []string{"courant1928", "hairer2003"}},
	{"upwind-fluxes", "Godunov's, Engquist and Osher's and Rusanov's flux, abide data burgers-shock --flux", []string{"engquist1981", "godunov1959", "leveque2002", "rusanov1961"}},
}

// NumericNamed is the method of that name in Numerics; nil where there is none.
func NumericNamed(name string) *Numeric {
	for i := range Numerics {
		if Numerics[i].Name == name {
			return &Numerics[i]
		}
	}
	return nil
}
