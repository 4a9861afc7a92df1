"""The Poisson problem of bench/fem on scikit-fem with SciPy and pyamg, and on dolfinx with PETSc.

-Δu = 2π² sin πx sin πy on the unit square, u = 0 on its boundary, P1 elements on n×n squares
split along one diagonal. Prints, per solver, seconds to assemble (mesh given, matrix and load,
boundary values included), seconds to solve (set-up included), iterations and the largest error at
a vertex, each the least of --repeat runs. One thread:

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python3 bench/peers/poisson.py

scikit-fem and pyamg: pip install scikit-fem pyamg. dolfinx: python3-dolfinx of Debian or
conda-forge; the script says "not installed" of what is missing. Iterative solvers stop at a relative
residual of 1e-8 in the norm that each of them uses.
"""
import argparse
import time

import numpy as np


def exact(x):
    return np.sin(np.pi * x[0]) * np.sin(np.pi * x[1])


def skfem_case(n, solver):
    import scipy.sparse.linalg as spla
    import skfem
    from skfem.helpers import dot, grad

    axis = np.linspace(0, 1, n + 1)
    mesh = skfem.MeshTri.init_tensor(axis, axis)

    @skfem.BilinearForm
    def stiffness(u, v, w):
        return dot(grad(u), grad(v))

    @skfem.LinearForm
    def load(v, w):
        return 2 * np.pi**2 * exact(w.x) * v

    t0 = time.perf_counter()
    basis = skfem.Basis(mesh, skfem.ElementTriP1())
    A, b = stiffness.assemble(basis), load.assemble(basis)
    Ai, bi, x, interior = skfem.condense(A, b, D=basis.get_dofs())
    t1 = time.perf_counter()
    iterations = 0
    if solver == "SciPy":
        u = spla.spsolve(Ai.tocsc(), bi)
    else:
        import pyamg

        residuals = []
        u = pyamg.smoothed_aggregation_solver(Ai.tocsr()).solve(bi, tol=1e-8, accel="cg", residuals=residuals)
        iterations = len(residuals) - 1
    t2 = time.perf_counter()
    error = np.abs(u - exact(mesh.p[:, interior])).max()
    return t1 - t0, t2 - t1, iterations, error


def dolfinx_case(n, options):
    import ufl
    from dolfinx import fem, mesh
    from mpi4py import MPI
    from petsc4py import PETSc

    m = mesh.create_unit_square(MPI.COMM_SELF, n, n)
    V = fem.FunctionSpace(m, ("P", 1)) if hasattr(fem, "FunctionSpace") else fem.functionspace(m, ("P", 1))
    facets = mesh.locate_entities_boundary(m, 1, lambda x: np.full(x.shape[1], True))
    bc = fem.dirichletbc(PETSc.ScalarType(0), fem.locate_dofs_topological(V, 1, facets), V)
    u, v, x = ufl.TrialFunction(V), ufl.TestFunction(V), ufl.SpatialCoordinate(m)
    f = 2 * ufl.pi**2 * ufl.sin(ufl.pi * x[0]) * ufl.sin(ufl.pi * x[1])
    a, L = fem.form(ufl.inner(ufl.grad(u), ufl.grad(v)) * ufl.dx), fem.form(f * v * ufl.dx)
    try:
        from dolfinx.fem import petsc
    except ImportError:
        import dolfinx.fem.petsc as petsc
    t0 = time.perf_counter()
    A = petsc.assemble_matrix(a, bcs=[bc])
    A.assemble()
    b = petsc.assemble_vector(L)
    petsc.apply_lifting(b, [a], bcs=[[bc]])
    petsc.set_bc(b, [bc])
    t1 = time.perf_counter()
    ksp = PETSc.KSP().create(MPI.COMM_SELF)
    ksp.setOperators(A)
    ksp.setType(options[0])
    ksp.getPC().setType(options[1])
    if len(options) > 2:
        getattr(ksp.getPC(), options[2][0])(options[2][1])
    ksp.setTolerances(rtol=1e-8)
    solution = A.createVecRight()
    ksp.solve(b, solution)
    t2 = time.perf_counter()
    points = V.tabulate_dof_coordinates().T
    error = np.abs(solution.array - exact(points)).max()
    return t1 - t0, t2 - t1, ksp.getIterationNumber(), error


CASES = [
    ("scikit-fem + SciPy", lambda n: skfem_case(n, "SciPy"), 512),
    ("scikit-fem + pyamg", lambda n: skfem_case(n, "pyamg"), 10**9),
    ("dolfinx, CG + hypre", lambda n: dolfinx_case(n, ("cg", "hypre")), 10**9),
    ("dolfinx, CG + GAMG", lambda n: dolfinx_case(n, ("cg", "gamg")), 10**9),
    ("dolfinx, MUMPS", lambda n: dolfinx_case(n, ("preonly", "lu", ("setFactorSolverType", "mumps"))), 512),
]


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--n", type=int, nargs="*", default=[64, 256, 512, 1000])
    p.add_argument("--repeat", type=int, default=3)
    a = p.parse_args()
    print(f"{'solver':22} {'n':>5} {'assemble s':>11} {'solve s':>9} {'sum s':>9} {'its':>4} {'error':>10}")
    for name, run, most in CASES:
        for n in a.n:
            if n > most:
                print(f"{name:22} {n:5d} left out: a direct solver takes minutes here")
                continue
            try:
                runs = [run(n) for _ in range(a.repeat)]
            except ImportError as e:
                print(f"{name:22} not installed: {e}")
                break
            assemble, solve = min(r[0] for r in runs), min(r[1] for r in runs)
            print(f"{name:22} {n:5d} {assemble:11.4f} {solve:9.4f} {assemble + solve:9.4f} {runs[0][2]:4d} {runs[0][3]:10.3e}", flush=True)


if __name__ == "__main__":
    main()
