package equation

import (
	"fmt"
	"slices"
	"strings"
)

// shift is a distance in places along each axis.
type shift [maxAxes]int

// field is a Field that was checked: an array within the state.
type field struct {
	name         string
	on           [maxAxes]bool // axes it varies along
	stride       [maxAxes]int  // 0 along other axes
	offset, size int
	rules        [maxAxes][2]rule
}

func (e *Equation) newField(s Field, spec []Axis) (*field, error) {
	f := &field{name: s.Name, offset: e.dim, size: 1}
	names := s.Axes
	if len(names) == 1 && names[0] == "none" {
		names = []string{}
	} else if len(names) == 0 {
		for i := range e.axes {
			names = append(names, e.axes[i].name)
		}
	}
	last := -1
	for _, name := range names {
		i := e.axis(name)
		switch {
		case i < 0:
			return nil, fmt.Errorf("equation: field %s: no axis %q: axes are %s", s.Name, name, e.axisNames())
		case i <= last:
			return nil, fmt.Errorf("equation: field %s: axes %s: in the order of the grid, %s, each once", s.Name, strings.Join(names, ", "), e.axisNames())
		}
		last, f.on[i] = i, true
	}
	for i := len(e.axes) - 1; i >= 0; i-- {
		if f.on[i] {
			f.stride[i] = f.size
			f.size *= e.axes[i].points
		}
	}
	if f.size > 1<<30 || e.dim+f.size > 1<<30 {
		return nil, fmt.Errorf("equation: field %s: a state of more than 2³⁰ numbers", s.Name)
	}
	e.dim += f.size
	return f, e.rules(f, s, spec)
}

// rules finds the boundary rules of a field: its own, else those of the axis; those of
// one side before those of both.
func (e *Equation) rules(f *field, s Field, spec []Axis) error {
	var keys []string
	for i := range e.axes {
		a := &e.axes[i]
		keys = append(keys, a.name, a.name+" left", a.name+" right")
		if !f.on[i] {
			continue
		}
		for side, one := range []string{spec[i].Left, spec[i].Right} {
			text := spec[i].Boundary
			for _, t := range []string{one, s.Rules[a.name], s.Rules[a.name+" "+sideNames[side]]} {
				if t != "" {
					text = t
				}
			}
			var err error
			if f.rules[i][side], err = e.newRule(text, a, side, s.Name); err != nil {
				return err
			}
		}
	}
	for k := range s.Rules {
		if !slices.Contains(keys, k) {
			return fmt.Errorf("equation: field %s: rule of %q: keys are %s", s.Name, k, strings.Join(keys, ", "))
		}
	}
	return nil
}

// tap is a number that a stencil reads: scale times a number of the state, plus add.
type tap struct {
	index      int
	scale, add float64
	factor     [maxAxes][2]float64 // of the fields that rules take their values from
}

// tap is the field at a place, on the grid or beyond. Beyond a wall
//
//	vertex  neumann    u(−i) = u(i) − 2 i h g
//	cell    neumann    u(−1−i) = u(i) − (2i + 1) h g
//	        dirichlet  u(−1−i) = 2 g − u(i)
//	        inflow     u(−1−i) = g
//
// and so on the right, with the other sign of h; periodic values come round. Across
// several walls at once, one after the other, the next one at the mirror image.
func (e *Equation) tap(f *field, place [maxAxes]int) tap {
	t := tap{index: f.offset, scale: 1}
	for i := range e.axes {
		if !f.on[i] {
			continue
		}
		a, at := &e.axes[i], place[i]
		if a.periodic {
			at = (at%a.points + a.points) % a.points
		}
		side, over := 0, -at // places beyond the outermost one
		if at >= a.points {
			side, over = 1, at-a.points+1
		}
		if over > 0 {
			distance := 2 * float64(over) * a.h // from the mirror image
			mirror := over
			if a.cell {
				distance -= a.h
				mirror--
			}
			if side == 1 {
				mirror = a.points - 1 - mirror
			} else {
				distance = -distance
			}
			r := f.rules[i][side]
			at = mirror
			factor := t.scale // of g
			switch r.kind {
			case ruleNeumann:
				factor *= distance
			case ruleDirichlet:
				factor *= 2
				t.scale = -t.scale
			case ruleInflow:
				t.scale = 0
			}
			place[i] = at // what is left is at the mirror image
			if r.given != nil {
				t.factor[i][side] = factor
			} else {
				t.add += factor * r.value.at(e.coordinates(place, i, side))
			}
		}
		t.index += at * f.stride[i]
	}
	return t
}

// coordinates are those of a place, on the wall of axis at where that is not negative.
func (e *Equation) coordinates(place [maxAxes]int, at, side int) []float64 {
	x := e.point[:len(e.axes)]
	for i := range e.axes {
		a, p := &e.axes[i], place[i]
		if a.periodic {
			p = (p%a.points + a.points) % a.points
		}
		x[i] = a.at(p)
		if i == at {
			x[i] = a.wall(side)
		}
	}
	return x
}
