package method

// gradientRows add a gradient to a sampler's step: posterior sampling by DPS and
// its relatives.
var gradientRows []Method
