package pde_test

import (
	"context"
	"fmt"
	"slices"

	"abide/pde"
)

func kind(name string) pde.Kind {
	for _, k := range pde.Table {
		if k.Name == name {
			return k
		}
	}
	panic(name)
}

// A sample of Darcy's equation satisfies the equation that it was made with.
func ExampleCheck() {
	family, err := kind("darcy").Make(pde.Values{"grid": 32, "contrast": "12/3"})
	if err != nil {
		fmt.Println(err)
		return
	}
	sample, err := family.Draw(context.Background(), 1, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	violations, err := pde.Check(family, sample)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range violations {
		fmt.Println(v.Row.Name, v.Worst < 1e-10)
	}
	// Output:
	// equation true
	// boundary true
}

// A residual that leaves out the spacing is no form of the equation: all that it
// measures is the source.
func ExampleJudge() {
	wrong := func(n int, s pde.Sample) (r []float64) {
		a, u, m := s[0], s[1], n+1
		for i := 2; i < n-1; i++ {
			for j := 2; j < n-1; j++ {
				k := i*m + j
				x := a[k+m]*(u[k+2*m]-u[k]) - a[k-m]*(u[k]-u[k-2*m])
				y := a[k+1]*(u[k+2]-u[k]) - a[k-1]*(u[k]-u[k-2])
				r = append(r, (x+y)/4+1)
			}
		}
		return r
	}
	verdict, err := pde.Judge(context.Background(), kind("darcy"), nil, []int{32, 64, 128}, 2, 1, wrong)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verdict.Outcome, "-", verdict.Verdict)
	// Output: no constraint - does not vanish: order 0.00
}

// A data set on all cores: samples come in their order, each with the largest residual of
// every row. Sample 2 of the seed is the same alone.
func ExampleGenerate() {
	family, err := kind("poisson").Make(pde.Values{"grid": 16})
	if err != nil {
		fmt.Println(err)
		return
	}
	var last pde.Sample
	err = pde.Generate(context.Background(), family, pde.Draws{Seed: 1, N: 3, Check: 1}, func(index int, s pde.Sample, worst []float64) error {
		fmt.Println(index, len(s[1]), worst[0] < 1e-10)
		last = s
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	alone, err := family.Draw(context.Background(), 1, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(slices.Equal(alone[1], last[1]))
	// Output:
	// 0 289 true
	// 1 289 true
	// 2 289 true
	// true
}
