package train

import "slices"

// References are the keys of the works a training rests on, sorted; package
// method holds the works.
func (s Settings) References() []string {
	keys := []string{"loshchilov2019"}
	for _, c := range []struct{ value, choice, key string }{
		{s.Objective, "", "karras2022"}, {s.Objective, "edm", "karras2022"}, {s.Objective, "denoising", "vincent2011"},
		{s.Objective, "implicit", "hyvarinen2005"}, {s.Objective, "implicit", "hutchinson1990"}, {s.Objective, "sliced", "song2019sliced"},
		{s.Objective, "flow", "lipman2023"}, {s.Coupling, "ot", "tong2024"}, {s.Coupling, "ot", "jonker1987"},
		{s.Output, "v", "salimans2022"}, {s.Weighting, "likelihood", "song2021ml"},
		{s.Levels, "vp", "song2021sde"}, {s.Levels, "ve", "song2021sde"},
		{s.Network.Kind, "residual-mlp", "he2016"}, {s.Network.Kind, "unet", "ronneberger2015"}, {s.Network.Kind, "unet", "ho2020"}, {s.Network.Kind, "fno", "li2021"},
	} {
		if c.value == c.choice {
			keys = append(keys, c.key)
		}
	}
	switch s.Physics.Loss {
	case "pidm", "pidm-sample":
		keys = append(keys, "bastek2025")
	case "pbfm":
		keys = append(keys, "baldan2026", "liu2025config")
	}
	if len(s.Condition) > 0 {
		keys = append(keys, "ho2022")
	}
	if s.Network.Fourier > 0 {
		keys = append(keys, "tancik2020")
	}
	if s.Network.Patch > 1 {
		keys = append(keys, "hoogeboom2023")
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
