package physics

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
)

// contracts names for every constructor of a law the test that makes it and holds it to
// the contract. Those of lawsTable are held to all of it: residuals after a projection,
// once and twice, both products against each other and against differences, a
// self-adjoint tangent; families by Newton to the same in TestNewtonNearest,
// TestNewtonTangent and TestFamilyProducts; the others to what applies to them.
var contracts = map[string]string{
	"FromEquation": "TestEquationsProject", "FromFamily": "TestFamilyProducts",
	"Join":       "TestJacobiansAreThoseOfTheProducts",
	"NewBalance": "lawsTable", "NewBandLimit": "lawsTable", "NewBoundedMass": "lawsTable", "NewBounds": "lawsTable",
	"NewConstantPair": "TestConstantPairDistance",
	"NewContinuity":   "TestContinuity",
	"NewConvex":       "lawsTable", "NewDykstra": "lawsTable", "NewEnergy": "lawsTable", "NewEnergyForm": "TestEnergyForm",
	"NewFixed": "lawsTable", "NewFlux": "lawsTable", "NewLeray": "lawsTable",
	"NewLinear": "TestStackManyLinkedRows",
	"NewMAC":    "lawsTable", "NewMass": "lawsTable", "NewModal": "TestResidualClosedForms", "NewMoments": "lawsTable",
	"NewMonotone": "lawsTable", "NewNewton": "TestNewtonNearest", "NewNoisySensors": "TestNoisySensors",
	"NewSensors": "lawsTable", "NewShift": "TestResidualClosedForms", "NewSolveProjection": "TestSolveProjection",
	"NewStack": "lawsTable", "NewSymmetry": "lawsTable", "NewUnimodal": "lawsTable",
	"NewWeak": "TestWeakProducts", "NewWeakSolve": "TestWeakProjections",
}

// TestEveryLawHasItsContract fails for a constructor that [contracts] lacks, and for a
// test named there that does not call it, itself or by a helper of the tests.
func TestEveryLawHasItsContract(t *testing.T) {
	set := token.NewFileSet()
	parse := func(test bool) (functions []*ast.FuncDecl) {
		packages, err := parser.ParseDir(set, ".", func(f fs.FileInfo) bool {
			return strings.HasSuffix(f.Name(), "_test.go") == test
		}, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packages {
			for _, f := range p.Files {
				for _, d := range f.Decls {
					if f, ok := d.(*ast.FuncDecl); ok {
						functions = append(functions, f)
					}
				}
			}
		}
		return functions
	}
	source := parse(false)
	residual := map[string]bool{"Constraint": true} // types with residuals, of their own or embedded
	for _, f := range source {
		if f.Recv == nil {
			continue
		}
		receiver := f.Recv.List[0].Type
		if star, ok := receiver.(*ast.StarExpr); ok {
			receiver = star.X
		}
		if name, ok := receiver.(*ast.Ident); ok && (f.Name.Name == "Residual" || f.Name.Name == "Project") {
			residual[name.Name] = true
		}
	}
	laws := map[string]bool{}
	for _, f := range source {
		if f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
			continue
		}
		result := f.Type.Results.List[0].Type
		if star, ok := result.(*ast.StarExpr); ok {
			result = star.X
		}
		if name, ok := result.(*ast.Ident); ok && residual[name.Name] {
			laws[f.Name.Name] = true
		}
	}
	if len(laws) < 25 {
		t.Fatalf("found %d constructors only: %v", len(laws), slices.Sorted(maps.Keys(laws)))
	}
	calls := map[string][]string{} // test functions to the plain names they use
	for _, f := range parse(true) {
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				calls[f.Name.Name] = append(calls[f.Name.Name], id.Name)
			}
			return true
		})
	}
	var reaches func(from, to string, seen map[string]bool) bool
	reaches = func(from, to string, seen map[string]bool) bool {
		if seen[from] {
			return false
		}
		seen[from] = true
		return slices.ContainsFunc(calls[from], func(name string) bool {
			return name == to || calls[name] != nil && reaches(name, to, seen)
		})
	}
	for _, law := range slices.Sorted(maps.Keys(laws)) {
		test, ok := contracts[law]
		switch {
		case !ok:
			t.Errorf("%s: no test of its contract: put its law into lawsTable, or name its test in contracts", law)
		case !reaches(test, law, map[string]bool{}):
			t.Errorf("%s: %s does not make it", law, test)
		}
	}
	for name := range contracts {
		if !laws[name] {
			t.Errorf("contracts names %s, which makes no law", name)
		}
	}
}
