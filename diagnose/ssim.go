package diagnose

import "math"

// ssimWindow is the side of the square windows of [SSIM], in pixels.
const ssimWindow = 7

// SSIM is the structural similarity of two grey images of height×width pixels, the mean
// over all windows of 7 by 7 pixels of
//
//	(2 μₓμ_y + C₁)(2 σₓ_y + C₂) / ((μₓ² + μ_y² + C₁)(σₓ² + σ_y² + C₂)),
//
// C₁ = (0.01·span)², C₂ = (0.03·span)², with unbiased variances; span is the range of the
// signal. 1 for equal images. NaN where an image is smaller than a window.
//
// Reference: Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, "Image quality
// assessment: from error visibility to structural similarity", IEEE Trans. Image
// Process. 13 (2004), eq. (13), with windows of equal weights.
func SSIM(x, y []float64, height, width int, span float64) float64 {
	if height < ssimWindow || width < ssimWindow {
		return math.NaN()
	}
	const n = ssimWindow * ssimWindow
	c1, c2 := 0.0001*span*span, 0.0009*span*span
	var sum float64
	for top := range height - ssimWindow + 1 {
		for left := range width - ssimWindow + 1 {
			var mx, my, xx, xy, yy float64
			each := func(do func(i int)) {
				for r := top; r < top+ssimWindow; r++ {
					for c := left; c < left+ssimWindow; c++ {
						do(r*width + c)
					}
				}
			}
			each(func(i int) { mx, my = mx+x[i]/n, my+y[i]/n })
			each(func(i int) {
				a, b := x[i]-mx, y[i]-my
				xx, xy, yy = xx+a*a/(n-1), xy+a*b/(n-1), yy+b*b/(n-1)
			})
			sum += (2*mx*my + c1) * (2*xy + c2) / ((mx*mx + my*my + c1) * (xx + yy + c2))
		}
	}
	return sum / float64((height-ssimWindow+1)*(width-ssimWindow+1))
}
