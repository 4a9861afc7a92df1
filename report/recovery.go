package report

import (
	"math"

	"abide/diagnose"
)

// Recovery says how well samples of an inverse problem find the point that was
// measured, where that is known.
type Recovery struct {
	RMSE     float64  `json:"rmse"`     // of the mean of the samples
	PSNR     *float64 `json:"psnr"`     // of the mean, in dB, Range being the signal's; nil where the mean is the truth
	SSIM     *float64 `json:"ssim"`     // structural similarity of the mean; nil but for grey images of 7×7 pixels or more
	Range    float64  `json:"range"`    // of real rows, else of the truth
	CRPS     float64  `json:"crps"`     // mean over columns of the continuous ranked probability score
	Error    float64  `json:"error"`    // mean absolute error of the mean: the score of the mean alone
	Coverage float64  `json:"coverage"` // share of columns whose true value lies in the central interval
	Level    float64  `json:"level"`    // of that interval
}

// coverageLevel is that of the central interval from the 5 % to the 95 % quantile.
const coverageLevel = 0.9

// NewRecovery measures samples x [N, d] with log-weights by the true point; span is
// the range of the signal, image the shape of points that are images. columns are
// their summaries.
func NewRecovery(columns []ColumnSummary, x, logw, truth []float64, span float64, image []int) *Recovery {
	d, w := len(truth), relative(logw)
	mean := means(columns)
	r := &Recovery{RMSE: diagnose.RMSE(mean, truth), Range: span, Coverage: diagnose.Coverage(x, w, truth, coverageLevel), Level: coverageLevel}
	if r.RMSE > 0 {
		psnr := diagnose.PSNR(mean, truth, span)
		r.PSNR = &psnr
	}
	if len(image) == 2 {
		if s := diagnose.SSIM(mean, truth, image[0], image[1], span); finite(s) {
			r.SSIM = &s
		}
	}
	for j, v := range truth {
		r.CRPS += diagnose.CRPS(column(x, d, j), w, v) / float64(d)
		r.Error += math.Abs(mean[j]-v) / float64(d)
	}
	return r
}

// means are those of all columns.
func means(columns []ColumnSummary) []float64 {
	out := make([]float64, len(columns))
	for j, c := range columns {
		out[j] = c.Samples.Mean
	}
	return out
}

// recoveryFacts are the numbers for people.
func recoveryFacts(r *Recovery) []Fact {
	facts := []Fact{{"root mean square error of the mean", number(r.RMSE)}}
	if r.PSNR != nil {
		facts = append(facts, Fact{"PSNR of the mean", fixed(*r.PSNR, 1) + " dB, peak " + number(r.Range)})
	}
	if r.SSIM != nil {
		facts = append(facts, Fact{"SSIM of the mean", fixed(*r.SSIM, 3)})
	}
	return append(facts,
		Fact{"CRPS of the samples", number(r.CRPS) + "; the mean alone scores " + number(r.Error)},
		Fact{"coverage of " + percentWhole(r.Level) + " intervals", percent(r.Coverage)},
	)
}

func percentWhole(share float64) string { return fixed(100*share, 0) + " %" }
