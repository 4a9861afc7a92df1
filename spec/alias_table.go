package spec

// Samplers of publications: a thousand steps of the variance-preserving process
// with β from 0.1 to 25, or of the variance-exploding one with σ from 0.01 to 50.
const (
	emVP   = "kind = \"euler-maruyama\"\nsteps = 1000\nprocess = { kind = \"vp\", beta_min = 0.1, beta_max = 25.0 }"
	vpGrid = "kind = \"ddpm\"\nsteps = 1000\nprocess = { kind = \"vp\", beta_min = 0.1, beta_max = 25.0 }"
	veGrid = "kind = \"smld\"\nsteps = 1000\nprocess = { kind = \"ve\", sigma_min = 0.01, sigma_max = 50.0 }"
)

// Aliases are the names under which methods were published, in the software of
// Boys et al. 2024 (tmpdjax, tmpdtorch) above all.
var Aliases = []Alias{
	{"TMPD2023avjp", `kind = "tmpd"`, emVP},
	{"Song2023", `kind = "pigdm"`, emVP},
	{"PiGDMVP", `kind = "ddim-pigdm"`, vpGrid},
	{"PiGDMVE", `kind = "ddim-pigdm"`, veGrid},
	{"PiGDMVPplus", "kind = \"ddim-pigdm\"\nrows = \"sum\"", vpGrid},
	{"PiGDMVEplus", "kind = \"ddim-pigdm\"\nrows = \"sum\"", veGrid},
	{"ReproducePiGDMVP", `kind = "ddim-pigdm"`, vpGrid},
	{"ReproducePiGDMVPplus", "kind = \"ddim-pigdm\"\nrows = \"sum\"", vpGrid},
	{"Inpainted", `kind = "replacement"`, ""},
	{"Projected", `kind = "replacement"`, ""},
	{"projection", `kind = "replacement"`, vpGrid},
	{"Chung2022scalar", "kind = \"dps\"\nform = \"score\"\nscale = 0.4", emVP},
	{"Chung2022scalarplus", "kind = \"dps\"\nform = \"score\"\nscale = 0.4", emVP},
	{"DPSDDPM", "kind = \"dps\"\nscale = 0.05", vpGrid},
	{"DPSDDPMplus", "kind = \"dps\"\nscale = 0.05", vpGrid},
	{"DPSSMLD", "kind = \"dps\"\nscale = 0.05", veGrid},
	{"DPSSMLDplus", "kind = \"dps\"\nscale = 0.05", veGrid},
	{"ps", "kind = \"dps\"\nscale = 1.0", vpGrid},
}
