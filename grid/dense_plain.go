package grid

func plainProducts(dst *[4]Complex8, t []float64, x []Complex8) {
	n := len(x)
	for r := range dst {
		row := t[r*n : (r+1)*n]
		for h := range 2 {
			for l := 0; l < 8; l += 4 {
				var s0, s1, s2, s3 float64
				for k, v := range row {
					y := (*[4]float64)(x[k][h][l:])
					s0 += float64(v * y[0])
					s1 += float64(v * y[1])
					s2 += float64(v * y[2])
					s3 += float64(v * y[3])
				}
				*(*[4]float64)(dst[r][h][l:]) = [4]float64{s0, s1, s2, s3}
			}
		}
	}
}
