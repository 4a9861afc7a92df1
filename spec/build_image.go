package spec

import (
	"math"

	"abide/operator"
)

// image is what the spec says of the columns as a whole: [report] image, or the grid
// of a prior that is a field; zero where it says nothing.
func (s *Spec) image() operator.Image {
	var shape []int
	switch {
	case s.Report.Has("image"):
		for _, n := range s.Report.Floats("image") {
			shape = append(shape, int(n))
		}
	case s.Prior.Kind == "gaussian-field":
		shape = s.Prior.Ints("shape")
	default:
		return operator.Image{}
	}
	in, _ := operator.NewImage(shape) // the sections check the sizes
	return in
}

// shape is what the d columns are: the block's own shape, or what is known before.
func (b *Block) shape(known operator.Image, d int) (operator.Image, error) {
	in := known
	if b.Has("shape") {
		var err error
		if in, err = operator.NewImage(b.Ints("shape")); err != nil {
			return in, b.builtAt("shape", err)
		}
	}
	switch {
	case in.Channels == 0:
		return in, b.fault("shape", "is missing, and nothing else tells what the %d columns are", d).allowed("shape = [n], [height, width] or [height, width, channels], or [report] image")
	case in.Size() != d:
		return in, b.fault("shape", "an image of %d×%d pixels of %d numbers does not have %d columns", in.Height, in.Width, in.Channels, d).allowed("sizes whose product is %d", d)
	}
	return in, nil
}

// onImage makes the operators on images.
func (s *Spec) onImage(b *Block, in operator.Image) (operator.Operator, error) {
	switch b.Kind {
	case "blur":
		return blur(b, in)
	case "pool":
		return operator.NewPool(in, b.Int("factor"))
	case "bicubic":
		return operator.NewBicubic(in, b.Int("factor"))
	case "difference":
		return operator.NewDifference(in, b.Int("axis"), b.Int("order"), b.Float("spacing"))
	case "box":
		return operator.NewBox(in, b.Int("top"), b.Int("left"), b.Int("height"), b.Int("width"))
	case "random-mask":
		return operator.NewRandom(in, b.Float("share"), uint64(b.Int("seed")))
	case "grey":
		return operator.NewGrey(in)
	case "radon":
		return operator.NewRadon(in, angles(b), detectors(b, in))
	case "points":
		places, err := s.matrix(b, "places")
		if err != nil {
			return nil, err
		}
		return operator.NewPoints(in, places)
	case "fourier-magnitude":
		return operator.NewFourierMagnitude(in, b.Int("oversample"))
	case "nonlinear-blur":
		linear, err := blur(b, in)
		if err != nil {
			return nil, err
		}
		return operator.NewExposureBlur(linear, b.Float("contrast"))
	default: // jpeg
		return operator.NewJPEG(in, b.Int("quality"), b.Float("black"), b.Float("white"))
	}
}

// blur makes the linear blur of a block.
func blur(b *Block, in operator.Image) (operator.Linear, error) {
	edge := operator.Zero
	if b.String("boundary") == "circular" {
		edge = operator.Circular
	}
	if b.Rank("kernel") == 2 {
		return operator.NewKernelBlur(in, b.Matrix("kernel"), edge)
	}
	switch b.String("kernel") {
	case "uniform":
		return operator.NewUniformBlur(in, b.Int("size"), edge)
	case "motion":
		if most := 2 * max(in.Height, in.Width); b.Float("length") > float64(most) {
			return nil, b.fault("length", "%s pixels on an image of %d×%d", short(b.Float("length")), in.Height, in.Width).allowed("up to %d", most)
		}
		return operator.NewMotionBlur(in, b.Float("length"), b.Float("angle"), edge)
	}
	return operator.NewGaussianBlur(in, b.Float("std"), edge)
}

// angles are those given, or their number over half a turn.
func angles(b *Block) []float64 {
	if b.Rank("angles") == 1 {
		return b.Floats("angles")
	}
	all := make([]float64, b.Int("angles"))
	for i := range all {
		all[i] = 180 * float64(i) / float64(len(all))
	}
	return all
}

func detectors(b *Block, in operator.Image) int {
	if b.Has("detectors") {
		return b.Int("detectors")
	}
	return int(math.Ceil(math.Hypot(float64(in.Height), float64(in.Width))))
}
