package cli

import (
	"errors"
	"slices"

	"abide/constraint"
	"abide/dataio"
	"abide/problem"
	"abide/spec"
)

// study is a spec bound to its columns and its data: everything but a trained network.
type study struct {
	spec    *spec.Spec
	name    string // of the spec, for titles
	problem *problem.Problem
	data    *dataio.Table // real rows to compare with, in the prior's columns; nil where there are none

	x, y, rank axis
	image      []int // shape of the rows where they are images

	truth []float64 // the point that was measured; nil where it is not known
	exact *exactLaw // what samples are compared with; nil where nothing is asked for
}

// newStudy reads the data of a spec and binds its formulas to the columns.
func newStudy(s *spec.Spec, name string) (*study, error) {
	p, err := newPrior(s)
	if err != nil {
		return nil, err
	}
	names := p.Coordinates.Names
	if slices.Contains(names, "logw") {
		return nil, s.Prior.Errorf("columns", "a column is called \"logw\", the name of the log-weights in samples.csv: rename it; of samples that abide wrote take samples.npz, whose x has the points alone")
	}
	if err := s.Bind(names); err != nil {
		return nil, err
	}
	cs, err := s.BuildConstraints(names)
	if err != nil {
		return nil, err
	}
	ps, err := s.BuildPotentials(names)
	if err != nil {
		return nil, err
	}
	st := &study{spec: s, name: name}
	if st.problem, err = problem.New(p, cs, ps); err != nil {
		return nil, placed(s, err)
	}
	if err := st.obey(); err != nil {
		return nil, err
	}
	if st.data, err = realRows(s, p.Data, names); err != nil {
		return nil, err
	}
	if st.image, err = imageShape(s, len(names)); err != nil {
		return nil, err
	}
	if st.image == nil {
		st.image = st.fieldShape()
	}
	if st.truth, err = truth(s, names); err != nil {
		return nil, err
	}
	return st, st.axes()
}

// placed puts what is wrong with the rows taken together at the first of the
// constraints concerned.
func placed(s *spec.Spec, err error) error {
	var rows *constraint.CheckError
	if errors.As(err, &rows) && len(rows.Rows) > 0 {
		if k := rows.Rows[len(rows.Rows)-1].Constraint; k < len(s.Constraints) {
			return s.Constraints[k].Errorf("", "%s", rows.Message)
		}
	}
	return usage(err)
}

// realRows are the rows samples are compared with: the file in [report] data, or
// the prior's own data.
func realRows(s *spec.Spec, own *dataio.Table, names []string) (*dataio.Table, error) {
	if !s.Report.Has("data") {
		return own, nil
	}
	t, err := dataio.ReadTable(s.Path(s.Report.String("data")), names)
	if err != nil {
		return nil, s.Report.Errorf("data", "%v", err)
	}
	return t, nil
}

// title is what the report is headed with.
func (st *study) title() string {
	if st.spec.Title != "" {
		return st.spec.Title
	}
	return st.name
}
