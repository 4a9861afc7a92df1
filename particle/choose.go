package particle

import (
	"fmt"
	"math"

	"abide/internal/engine"
	"abide/potential"
	"abide/problem"
)

// MaxDim is the largest dimension in which full Jacobians are used.
const MaxDim = 128

// MaxRows is the largest number of measured values whose rows of the Jacobian are
// used one by one.
const MaxRows = 256

// fullUpTo is the dimension up to which auto takes full Jacobians of measurements:
// their kernels are exact for Gaussians, and a few products more cost little.
const fullUpTo = 16

// choose binds the form of the twist, and returns how many numbers it keeps of a
// particle. Measurements with Gaussian noise and nothing else have a form of their
// own (see [measured]), by the rows of the Jacobian that they see or, in few
// columns, by all of it; every other problem has that of [Twist].
func (k *SMC) choose(e *engine.Engine) (size int, err error) {
	d := k.d
	y, no := k.measurements()
	switch k.Jacobian {
	case "", "auto", "full":
	case "rows":
		if no != nil {
			return 0, no
		}
	default:
		return 0, fmt.Errorf("particle: twisted-smc: jacobian is %q: want \"auto\", \"full\" or \"rows\"", k.Jacobian)
	}
	full := k.Jacobian == "full" || no != nil
	if no == nil && k.Jacobian != "rows" && k.Jacobian != "full" {
		full = d <= fullUpTo || d <= 2*len(y.Y) && d <= MaxDim
	}
	if full && d > MaxDim {
		return 0, &problem.UnsupportedError{Method: "twisted-smc", Needs: fmt.Sprintf("at most %d columns where there is more than measurements with Gaussian noise (full Jacobians)", MaxDim), Has: fmt.Sprint(d), Try: "use method guided or project, or none where nothing is asked of the samples"}
	}
	if !full && len(y.Y) > MaxRows {
		return 0, &problem.UnsupportedError{Method: "twisted-smc", Needs: fmt.Sprintf("at most %d measured values in more than %d columns", MaxRows, MaxDim), Has: fmt.Sprint(len(y.Y)), Try: "measure fewer, or use method mmps or tmpd"}
	}
	if no == nil {
		k.twist = &Twist{}
		if k.problem.Prior.Resolution > 0 {
			k.twist.modelError = networkError
		}
		f := k.newMeasured(e, y, full)
		k.form = f
		if f.a == nil {
			k.twist.defensive = k.Defensive
		}
		return f.k * (d + len(y.Y)), nil
	}
	resolution := math.Max(k.problem.Prior.Resolution, k.sigma[k.Steps()-1])
	k.twist = newTwist(k.problem, resolution, k.Defensive)
	if k.problem.Prior.Resolution > 0 {
		k.twist.modelError = networkError
	}
	k.form = k.newConstrained(e, k.twist)
	return d * d, nil
}

// measurements is the measurement, in sampler coordinates, of a problem of
// measurements with Gaussian noise and nothing else; the error says what else there is.
func (k *SMC) measurements() (*potential.Measurement, error) {
	if len(k.problem.Constraints) > 0 {
		return nil, &problem.UnsupportedError{Method: "twisted-smc", Needs: "measurements and no constraint for jacobian = \"rows\"", Has: fmt.Sprintf("%q", k.problem.Constraints[0].Name()), Try: "use jacobian = \"auto\""}
	}
	return k.problem.Measured("twisted-smc with jacobian = \"rows\"")
}
