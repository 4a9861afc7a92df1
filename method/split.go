package method

// splitRows decouple the denoiser from the measurement, or optimise a whole path.
var splitRows []Method
