package spec

// networkSection is the network of a prior that is trained. What depends on the
// number of columns is checked where the data are known.
func networkSection() *Section {
	return &Section{Name: "network", Doc: "what is trained", DefaultKind: "mlp", Kinds: []Kind{
		{Name: "mlp", Doc: "a perceptron that sees the noise level in every layer", Keys: networkKeys(256, 8192, 3, "neurons of a hidden layer", "hidden layers")},
		{Name: "residual-mlp", Doc: "a perceptron of blocks that add to what they see: deeper than mlp", Keys: networkKeys(256, 8192, 3, "neurons of a hidden layer", "blocks of two layers")},
		{Name: "unet", Doc: "a convolutional U-Net with attention, for curves, images and fields", Keys: append(
			networkKeys(32, 4096, 2, "channels of the highest resolution", "blocks of two convolutions at each resolution, on either way"), append(gridKeys(),
				Key{Name: "patch", Type: Int, Default: 1, Range: from(1, 256), Doc: "side of the patches of points that become channels of one place"},
				Key{Name: "levels", Type: Int, Range: from(1, 8), Doc: "resolutions, each with half the places of the one before along each axis (default: as many as multipliers, or up to 3 while sides are even and 4 or more)"},
				Key{Name: "multipliers", Type: Ints, Repeats: true, Range: from(1, 64), Doc: "channels at each resolution over width, the highest first (default: 1, 2, 2, …)"},
				Key{Name: "heads", Type: Int, Range: from(0, 4096), Doc: "heads of the attention at the lowest resolution, a divisor of its channels; 0: no attention (default: up to 4)"},
			)...), finish: finishGrid},
		{Name: "fno", Doc: "a Fourier neural operator, for periodic curves and fields", Keys: append(
			networkKeys(32, 4096, 4, "channels", "blocks with a Fourier layer"), append(gridKeys(),
				Key{Name: "modes", Type: Int, Range: from(1, 1024), Doc: "wave numbers kept along each axis, 0 among them: up to half the shortest side, rounded up (default: up to 8)"},
			)...), finish: finishGrid},
	}}
}

// networkKeys are the sizes that every network has.
func networkKeys(width, most, depth int, widths, depths string) []Key {
	return []Key{
		{Name: "width", Type: Int, Default: width, Range: from(1, float64(most)), Doc: widths},
		{Name: "depth", Type: Int, Default: depth, Range: from(1, 64), Doc: depths},
		{Name: "embedding", Type: Int, Default: 32, Range: from(2, 4096), Doc: "features of the noise level"},
		{Name: "fourier", Type: Float, Default: 0.0, Range: from(0, 1000), Doc: "the features of the noise level are random frequencies of this standard deviation; 0: frequencies from 1 to 64"},
	}
}

// gridKeys say how the columns lie beside each other.
func gridKeys() []Key {
	return []Key{
		{Name: "shape", Type: Ints, Repeats: true, Range: from(1, 1<<24), Doc: "points along the one axis or the two axes, the first one slow, and, for a plane, numbers at each point: [n], [h, w] or [h, w, c] (default: [report] image)"},
		{Name: "channels", Type: Bool, Doc: "the last number of shape counts numbers at each point, as in [n, c] (default: true for three numbers)"},
	}
}

func finishGrid(b *Block) error {
	n := len(b.Ints("shape"))
	switch {
	case n > 3:
		return b.fault("shape", "has %d numbers", n).allowed("[n], [h, w] or [h, w, c]")
	case b.Has("channels") && n == 0:
		return b.fault("channels", "stands without shape").allowed("channels with shape; images say by themselves whether they have colours")
	case b.Bool("channels") && n == 1:
		return b.fault("channels", "the only number of shape counts the points").allowed("channels = true with shape = [n, c] or [h, w, c]")
	case n == 3 && b.Has("channels") && !b.Bool("channels"):
		return b.fault("channels", "false does not go with a shape of three numbers").allowed("shape = [n] or [h, w], or channels = true")
	case n == 3:
		b.values["channels"] = true
	}
	return nil
}
