package spec

// operatorSection has a kind for every forward operator.
func operatorSection() *Section {
	return &Section{Name: "operator", Doc: "what the instrument sees of x", Kinds: append(append(operatorKinds(), hostKinds()...),
		Kind{Name: "compose", Doc: "operators one after another: the first one sees x, the last one gives y", Keys: []Key{
			{Name: "parts", Type: Tables, Required: true, Table: &Section{Name: "operator", Doc: "one step", Kinds: operatorKinds()},
				Doc: "the operators in the order of the light's way, such as [{ kind = \"blur\", std = 1 }, { kind = \"pool\", factor = 2 }]; an image goes on with the shape that the step before gave it"},
		}})}
}

func operatorKinds() []Kind {
	kinds := []Kind{
		{Name: "matrix", Doc: "A·x", Keys: []Key{
			{Name: "value", Type: Matrix | Path, Required: true, Allowed: tables, Doc: "m rows, one number per column; or a file with them"},
		}},
		{Name: "mask", Doc: "some of the columns", Keys: []Key{
			{Name: "index", Type: Ints, Range: from(0, 1e6), Doc: "places of the columns, from 0; or give columns"},
			columnsKey("names of the columns; or give index"),
		}, finish: func(b *Block) error { return b.oneOf("columns", "index") }},
		{Name: "identity", Doc: "all columns as they are: denoising"},
		{Name: "formula", Doc: "values of formulas over the columns", Keys: []Key{
			{Name: "expr", Type: Expr | Exprs, Required: true, Doc: "one formula for each value of y, such as [\"a*b\", \"norm(x[2:5])\"]; affine ones count as linear"},
		}},
	}
	return append(append(kinds, imageKinds()...), sensorKinds()...)
}

// imageKinds are linear operators on images, fields and curves.
func imageKinds() []Kind {
	factor := Key{Name: "factor", Type: Int, Required: true, Range: from(2, 4096), Doc: "how many pixels become one along each axis"}
	return []Kind{
		imageKind("blur", "convolution with a kernel", finishBlur, blurKeys()...),
		imageKind("pool", "means of squares of pixels: super-resolution", nil, factor),
		imageKind("bicubic", "reduction by bicubic interpolation, antialiased: super-resolution", nil, factor),
		imageKind("difference", "first or second difference along an axis: a field's derivative", nil,
			Key{Name: "axis", Type: Int, Default: 1, Range: from(0, 1), Doc: "0: down the rows, 1: along a row or a curve"},
			Key{Name: "order", Type: Int, Default: 1, Range: from(1, 2), Doc: "1: forward differences, n − 1 of them; 2: central second differences, n − 2"},
			Key{Name: "spacing", Type: Float, Default: 1.0, Range: above(0, largest), Doc: "distance of neighbouring pixels"}),
		imageKind("box", "an image but for a box that is hidden: inpainting", nil,
			Key{Name: "top", Type: Int, Required: true, Range: from(0, 1<<24), Doc: "first hidden row, from 0"},
			Key{Name: "left", Type: Int, Required: true, Range: from(0, 1<<24), Doc: "first hidden column of pixels, from 0"},
			Key{Name: "height", Type: Int, Required: true, Range: from(1, 1<<24), Doc: "hidden rows"},
			Key{Name: "width", Type: Int, Required: true, Range: from(1, 1<<24), Doc: "hidden columns of pixels"}),
		imageKind("random-mask", "pixels seen at random: inpainting", nil,
			Key{Name: "share", Type: Float, Required: true, Range: above(0, 1), Doc: "probability that a pixel is seen"},
			Key{Name: "seed", Type: Int, Default: 0, Range: from(0, 1<<62), Doc: "equal seeds see the same pixels"}),
		imageKind("grey", "brightness of colour pixels: colourisation", nil),
		imageKind("radon", "sums along parallel rays: tomography of an image of one channel", finishRadon,
			Key{Name: "angles", Type: Int | Floats, Required: true, Range: from(-1e6, 1e6), Doc: "directions in degrees; or their number, spread evenly over 180 degrees from 0"},
			Key{Name: "detectors", Type: Int, Range: from(1, 1<<20), Doc: "detectors in a row, as wide as pixels (default: the image's diagonal)"}),
		imageKind("points", "values between pixels, by bilinear interpolation: sensors in a field", nil,
			Key{Name: "places", Type: Matrix | Path, Required: true, Allowed: tables, Range: from(0, 1<<24), Doc: "rows [row, column] in pixels from 0, or [place] on a curve; or a file with them"}),
	}
}

// sensorKinds are operators that are not linear.
func sensorKinds() []Kind {
	return []Kind{
		imageKind("fourier-magnitude", "magnitudes of the Fourier transform: phase retrieval of an image of one channel", nil,
			Key{Name: "oversample", Type: Int, Default: 2, Range: from(1, 16), Doc: "sides of the grid of frequencies over those of the image"}),
		imageKind("nonlinear-blur", "a blur of light before a logarithmic sensor", finishNonlinearBlur, append(blurKeys(),
			Key{Name: "contrast", Type: Float, Required: true, Range: above(0, largest), Doc: "logarithms of light per unit of x: the larger, the more bright pixels spread over dark ones"})...),
		{Name: "clip", Doc: "min(max(gain·x, lower), upper): a sensor that saturates, high dynamic range", Keys: []Key{
			{Name: "lower", Type: Float, Doc: "least number that is seen (default: no bound)"},
			{Name: "upper", Type: Float, Doc: "largest number that is seen (default: no bound)"},
			{Name: "gain", Type: Float, Default: 1.0, Range: above(0, largest), Doc: "factor before the bounds"},
		}, finish: finishClip},
		imageKind("jpeg", "what the quantisation of JPEG leaves; sides are multiples of 8", nil,
			Key{Name: "quality", Type: Int, Required: true, Range: from(1, 100), Doc: "1 (worst) to 100"},
			Key{Name: "black", Type: Float, Required: true, Doc: "value of black pixels"},
			Key{Name: "white", Type: Float, Required: true, Doc: "value of white pixels"}),
	}
}

// imageKind adds the shape.
func imageKind(name, doc string, finish func(*Block) error, keys ...Key) Kind {
	keys = append(keys, Key{Name: "shape", Type: Ints, Repeats: true, Range: from(1, 1<<24),
		Doc: "what x is: [n] for a curve, [height, width] or [height, width, channels] (default: the step before in compose, [report] image, or the grid of a gaussian-field)"})
	return Kind{Name: name, Doc: doc, Keys: keys, finish: finish}
}

func blurKeys() []Key {
	return []Key{
		{Name: "kernel", Type: String | Matrix, Default: "gaussian", Allowed: []string{"gaussian", "uniform", "motion"}, Doc: "gaussian (with std), uniform (with size), motion (with length and angle), or the kernel's numbers, of odd height and width"},
		{Name: "std", Type: Float, Range: above(0, largest), Doc: "width of a gaussian kernel in pixels"},
		{Name: "size", Type: Int, Range: from(1, 1<<20), Doc: "side of a uniform kernel in pixels, odd"},
		{Name: "length", Type: Float, Range: above(0, 1e4), Doc: "length of a motion in pixels"},
		{Name: "angle", Type: Float, Range: from(-1e6, 1e6), Doc: "direction of a motion in degrees, against the clock from the horizontal (default 0)"},
		{Name: "boundary", Type: String, Default: "zero", Allowed: []string{"zero", "circular"}, Doc: "what lies beyond the edge: nothing, or the other side"},
	}
}

// finishBlur wants the sizes of the kernel that is named, and no other.
func finishBlur(b *Block) error {
	kernel, _ := b.values["kernel"].(string)
	for _, k := range [][2]string{{"std", "gaussian"}, {"size", "uniform"}, {"length", "motion"}, {"angle", "motion"}} {
		key, of := k[0], k[1]
		switch {
		case b.Has(key) && kernel != of:
			return b.fault(key, "does not go with this kernel").allowed("%s with kernel = %q", key, of)
		case !b.Has(key) && kernel == of && key != "angle":
			return b.fault(key, "is missing").allowed("%s with kernel = %q", key, of)
		}
	}
	if b.Has("size") && b.Int("size")%2 == 0 {
		return b.fault("size", "%d is even", b.Int("size")).allowed("odd numbers, such as %d", b.Int("size")+1)
	}
	return nil
}

// finishNonlinearBlur wants a kernel that takes no light away.
func finishNonlinearBlur(b *Block) error {
	if err := finishBlur(b); err != nil || b.Rank("kernel") != 2 {
		return err
	}
	for _, row := range b.Matrix("kernel") {
		for _, v := range row {
			if v < 0 {
				return b.fault("kernel", "%s takes light away", short(v)).allowed("numbers of at least 0")
			}
		}
	}
	return nil
}

func finishRadon(b *Block) error {
	if n, ok := b.values["angles"].(int); ok && n < 1 {
		return b.fault("angles", "%d directions", n).allowed("at least 1, or a list of degrees")
	}
	return nil
}

func finishClip(b *Block) error {
	lower, upper := b.Float("lower"), b.Float("upper")
	switch {
	case !b.Has("lower") && !b.Has("upper"):
		return b.fault("lower", "is missing").allowed("lower, upper or both")
	case b.Has("lower") && b.Has("upper") && lower >= upper:
		return b.fault("lower", "%s is not below upper, %s", short(lower), short(upper))
	}
	return nil
}
