package spec

// Samplers of publications: a thousand steps of the variance-preserving process
// with β from 0.1 to 25, or of the variance-exploding one with σ from 0.01 to 50.
const (
	emVP   = "kind = \"euler-maruyama\"\nsteps = 1000\nprocess = { kind = \"vp\", beta_min = 0.1, beta_max = 25.0 }"
	vpGrid = "kind = \"ddpm\"\nsteps = 1000\nprocess = { kind = \"vp\", beta_min = 0.1, beta_max = 25.0 }"
	veGrid = "kind = \"smld\"\nsteps = 1000\nprocess = { kind = \"ve\", sigma_min = 0.01, sigma_max = 50.0 }"
)

// Aliases are the names under which methods were published, in the software of
// Boys et al. 2024 (tmpdjax, tmpdtorch) above all. "plus" is the form for masks.
var Aliases = []Alias{
	{"Chung2022scalar", "kind = \"dps\"\nform = \"score\"\nscale = 0.4", emVP},
	{"Chung2022scalarplus", "kind = \"dps\"\nform = \"score\"\nscale = 0.4", emVP},
	{"Chung2022", `kind = "dps-d"`, emVP},
	{"Chung2022plus", `kind = "dps-d"`, emVP},
	{"DPSDDPM", "kind = \"dps\"\nscale = 0.05", vpGrid},
	{"DPSDDPMplus", "kind = \"dps\"\nscale = 0.05", vpGrid},
	{"DPSSMLD", "kind = \"dps\"\nscale = 0.05", veGrid},
	{"DPSSMLDplus", "kind = \"dps\"\nscale = 0.05", veGrid},
	{"ps", "kind = \"dps\"\nscale = 1.0", vpGrid},

	{"Song2023", `kind = "pigdm"`, emVP},
	{"Song2023plus", "kind = \"pigdm\"\nrows = \"sum\"", emVP},
	{"PiGDMVP", `kind = "ddim-pigdm"`, vpGrid},
	{"PiGDMVPplus", "kind = \"ddim-pigdm\"\nrows = \"sum\"", vpGrid},
	{"PiGDMVE", `kind = "ddim-pigdm"`, veGrid},
	{"PiGDMVEplus", "kind = \"ddim-pigdm\"\nrows = \"sum\"", veGrid},
	{"ReproducePiGDMVP", `kind = "ddim-pigdm"`, vpGrid},
	{"ReproducePiGDMVPplus", "kind = \"ddim-pigdm\"\nrows = \"sum\"", vpGrid},
	// tmpdtorch has r² = v/(v + 1), which on these paths is that of data of variance ½,
	// and H Hᵀ = 1. The step of its altpig is m(1 + v) times that of pigdm.
	{"pig", "kind = \"ddim-pigdm\"\nrows = \"sum\"\ndata_variance = 0.5", vpGrid},
	{"altpig", "kind = \"pigdm\"\nrows = \"sum\"\ndata_variance = 0.5", vpGrid},

	{"TMPD2023avjp", "kind = \"tmpd\"\nform = \"vjp\"", emVP},
	{"TMPD2023ajacrev", "kind = \"tmpd\"\nform = \"jacrev\"", emVP},
	{"TMPD2023ajacfwd", "kind = \"tmpd\"\nform = \"jacfwd\"", emVP},
	{"TMPD2023avjpplus", "kind = \"tmpd\"\nform = \"vjp\"", emVP},
	{"TMPD2023ajacrevplus", "kind = \"tmpd\"\nform = \"jacrev\"", emVP},
	{"TMPD2023ajacfwdplus", "kind = \"tmpd\"\nform = \"jacfwd\"", emVP},
	{"TMPD2023b", `kind = "tmpd-diag"`, emVP},
	{"TMPD2023bjacfwd", `kind = "tmpd-diag"`, emVP},
	{"TMPD2023bvjp", `kind = "tmpd-diag"`, emVP},
	{"TMPD2023bvjpplus", `kind = "dtmpd"`, emVP},
	{"TMPD2023bhutchinson", "kind = \"tmpd-hutchinson\"\nprobes = 20", emVP},
	{"tmp", `kind = "dtmpd"`, vpGrid},

	{"KPDDPM", `kind = "kpddpm"`, vpGrid},
	{"KPDDPMplus", `kind = "kpddpm-plus"`, vpGrid},
	{"KPDDPMdiag", `kind = "kpddpm-diag"`, vpGrid},
	{"KPDDPMdiagHutchinson", "kind = \"kpddpm-hutchinson\"\nprobes = 20", vpGrid},
	{"KPDDPMdiagHutchinsonplus", "kind = \"kpddpm-hutchinson\"\nprobes = 20", vpGrid},
	{"KPSMLD", `kind = "kpsmld"`, veGrid},
	{"KPSMLDplus", `kind = "kpsmld-plus"`, veGrid},
	{"KPSMLDdiag", `kind = "kpsmld-diag"`, veGrid},
	{"KGDMVP", `kind = "kgdm"`, vpGrid},
	{"KGDMVPplus", `kind = "kgdm-plus"`, vpGrid},
	{"KGDMVE", `kind = "kgdm"`, veGrid},
	{"KGDMVEplus", `kind = "kgdm-plus"`, veGrid},

	{"STSL", "kind = \"stsl\"\nlambda = 0.02", vpGrid},
	{"MPGD", `kind = "mpgd"`, vpGrid},
	{"vanilla", `kind = "none"`, vpGrid},
	{"projection", `kind = "replacement"`, vpGrid},
	{"Inpainted", `kind = "replacement"`, ""},
	{"Projected", `kind = "replacement"`, ""},
}
