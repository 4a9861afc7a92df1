package problem

import (
	"context"
	"fmt"
	"slices"

	"abide/pde"
	"abide/prior"
)

// initialStates and drives are how many initial states the prior has, and how many
// fluxes or forces each of them meets.
const (
	initialStates = 16
	drives        = 24
)

// startedFields are the solutions from 16 drawn initial states, each under the same 24
// drawn drives (fluxes at walls, phases of a force), all equally likely. One initial state
// is given; its 24 solutions are the conditional law. As the test sets of Cheng et al.
// 2025 (ECI) and Utkarsh et al. 2025 (PCFM) are made: each state with each drive.
func startedFields(name, family string, values pde.Values, shape []int) (*Fields, error) {
	made, err := familyKind(family).Make(values)
	if err != nil {
		return nil, err
	}
	solver, ok := made.(pde.Completed)
	if !ok {
		return nil, fmt.Errorf("problem: %s cannot be solved again from another initial state", family)
	}
	draws := make([]pde.Sample, drives)
	for k := range draws {
		if draws[k], err = solver.Draw(context.Background(), 1, k); err != nil {
			return nil, err
		}
	}
	u := len(draws[0]) - 1
	level := len(draws[0][u]) / shape[0]
	rows := make([][]float64, 0, initialStates*drives)
	for i := range initialStates {
		for _, drive := range draws {
			s := slices.Clone(drive)
			s[u] = make([]float64, len(drive[u]))
			copy(s[u], draws[i][u][:level])
			if err := solver.Complete(s); err != nil {
				return nil, err
			}
			rows = append(rows, s[u])
		}
	}
	f := &Fields{Name: name, Rows: []string{"IC"}, Shape: shape}
	given := rows[initialStates/2*drives : (initialStates/2+1)*drives]
	f.equally(given)
	if f.Truth, err = prior.NewTable(given, 1); err != nil {
		return nil, err
	}
	p, err := prior.NewTable(rows, 1)
	if err != nil {
		return nil, err
	}
	initial, err := fixedPlane(shape, 0, given[0], "initial")
	if err != nil {
		return nil, err
	}
	return f, f.obey(p, initial)
}
