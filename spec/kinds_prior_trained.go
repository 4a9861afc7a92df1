package spec

import (
	"slices"
	"strings"
)

// diffusionKind is a prior by a network that takes noise out.
func diffusionKind() Kind {
	return Kind{Name: "diffusion", Doc: "a diffusion network trained on the rows of a file", Keys: slices.Concat(trainedKeys(), []Key{
		{Name: "objective", Type: String, Default: "edm", Allowed: []string{"edm", "denoising", "implicit", "sliced"}, Doc: "the loss: denoising in EDM's scaling or in any other, or score matching without clean points, by the divergence or by random slices"},
		{Name: "output", Type: String, Default: "edm", Allowed: []string{"edm", "noise", "x0", "v", "score"}, Doc: "what the network predicts, but for objective edm"},
		{Name: "weighting", Type: String, Default: "edm", Allowed: []string{"edm", "noise", "x0", "likelihood"}, Doc: "the target whose squared error counts alike at all noise levels, but for objective edm"},
		{Name: "levels", Type: String, Default: "log-normal", Allowed: []string{"log-normal", "vp", "ve"}, Doc: "law of the noise levels of training: EDM's, or uniform in the time of a process"},
		physicsKey("pidm", "pidm-sample"), physicsWeightKey(),
	}), finish: finishDiffusion}
}

// flowKind is a prior by the velocity that carries noise to data.
func flowKind() Kind {
	return Kind{Name: "flow", Doc: "a flow network, by flow matching on the rows of a file", Keys: slices.Concat(trainedKeys(), []Key{
		{Name: "coupling", Type: String, Default: "independent", Allowed: []string{"independent", "ot"}, Doc: "which noise a row comes from: any, or by optimal transport of the batch; ot has no denoiser, only a flow"},
		{Name: "levels", Type: String, Default: "uniform", Allowed: []string{"uniform", "logit-normal"}, Doc: "law of the times of training"},
		physicsKey("pidm", "pidm-sample", "pbfm"), physicsWeightKey(),
		{Name: "physics_unroll", Type: Int, Range: from(1, 64), Doc: "pbfm: the most steps of Euler to the residual, from 1 on (default: 4)"},
	}), finish: finishFlow}
}

// trainedKeys are the keys of every prior that is trained.
func trainedKeys() []Key {
	return []Key{
		dataKey(), columnsKey("columns to use (default: all numeric ones but those of condition)"),
		{Name: "standardise", Type: String, Allowed: []string{"columns", "all"}, Doc: "the scale of each column is its own, or one for all, for pixels (default: columns; all where [report] image is given)"},
		{Name: "model", Type: Path, Allowed: []string{".safetensors"}, Doc: "the trained network, used while it fits data and settings (default: in the cache)"},
		{Name: "condition", Type: Strings, Doc: "columns that are given instead of sampled"},
		{Name: "classes", Type: Strings, Doc: "those of condition whose values are classes, not numbers"},
		{Name: "given", Type: Floats, Doc: "values of the columns of condition, in their order (default: none is given, the law of all rows)"},
		{Name: "guidance", Type: Float, Default: 0.0, Range: from(0, 1000), Doc: "weight w of classifier-free guidance; 0: the conditional law itself"},
		{Name: "drop", Type: Float, Default: 0.1, Range: below(0, 1), Doc: "share of the training rows shown without their condition; 0: only the conditional law is learned"},
		{Name: "network", Type: Table, Table: networkSection(), Doc: "the network"},
		{Name: "width", Type: Int, Range: from(1, 8192), Doc: "the same as network.width"},
		{Name: "depth", Type: Int, Range: from(1, 64), Doc: "the same as network.depth"},
		{Name: "embedding", Type: Int, Range: from(2, 4096), Doc: "the same as network.embedding"},
		{Name: "steps", Type: Int, Default: 20000, Range: from(1, 1e9), Doc: "steps of training"},
		{Name: "batch", Type: Int, Default: 256, Range: from(1, 1<<20), Doc: "rows per step"},
		{Name: "learning_rate", Type: Float, Default: 1e-3, Range: above(0, 1), Doc: "largest step size"},
		{Name: "schedule", Type: String, Default: "cosine", Allowed: []string{"cosine", "constant"}, Doc: "the step size after the warm-up: falling to 0 or constant"},
		{Name: "warmup", Type: Float, Default: 0.02, Range: below(0, 1), Doc: "share of the steps in which the step size rises to its largest"},
		{Name: "clip", Type: Float, Default: 0.0, Range: from(0, largest), Doc: "largest norm of the gradient; 0: any"},
		{Name: "ema", Type: Float, Default: 0.999, Range: below(0, 1), Doc: "decay of the running mean of the weights"},
		{Name: "weight_decay", Type: Float, Default: 0.0, Range: from(0, 1), Doc: "decay of the weights (AdamW)"},
		{Name: "precision", Type: String, Default: "float32", Allowed: []string{"float32", "float64"}, Doc: "of the network and its training"},
		{Name: "holdout", Type: Float, Default: 0.1, Range: below(0, 1), Doc: "share of the rows kept for the held-out loss"},
		{Name: "patience", Type: Int, Default: 0, Range: from(0, 1e6), Doc: "evaluations without improvement before training stops; 0: never"},
		{Name: "seed", Type: Int, Default: 0, Range: from(0, 1<<62), Doc: "seed of the training"},
	}
}

// physicsKey is the loss by which a network is trained for the laws of the spec.
func physicsKey(losses ...string) Key {
	return Key{Name: "physics", Type: String, Allowed: losses, Doc: "train for the constraints of the spec too, by a virtual observation of the denoiser's residual (pidm), of that after a step (pidm-sample), or of the flow's end, without conflict of gradients (pbfm); default: not"}
}

func physicsWeightKey() Key {
	return Key{Name: "physics_weight", Type: Float, Range: above(0, largest), Doc: "pidm: weight c of the residuals (default: 1e-3)"}
}

// finishPhysics refuses keys of a loss that is not chosen.
func finishPhysics(b *Block) error {
	loss := b.String("physics")
	if b.Has("physics_weight") && (loss == "" || loss == "pbfm") {
		return b.fault("physics_weight", "only pidm has a weight").allowed("physics_weight with physics = pidm, pidm-sample")
	}
	if b.Kind == "flow" && b.Has("physics_unroll") && loss != "pbfm" {
		return b.fault("physics_unroll", "only pbfm unrolls").allowed("physics_unroll with physics = pbfm")
	}
	return nil
}

func finishDiffusion(b *Block) error {
	if o := b.String("objective"); b.Has("physics") && o != "edm" && o != "denoising" {
		return b.fault("physics", "objective = %q has no denoised point with a law", o).allowed("physics with objective = edm, denoising")
	}
	if b.String("objective") == "edm" {
		for _, key := range []string{"output", "weighting"} {
			if v := b.String(key); v != "edm" {
				return b.fault(key, "%q does not go with objective = \"edm\"", v).allowed("objective = denoising, implicit, sliced")
			}
		}
	}
	if l := b.String("levels"); b.String("weighting") == "likelihood" && l == "log-normal" {
		return b.fault("weighting", "likelihood weighting needs the equation of a process").allowed("levels = vp, ve")
	}
	return finishTrained(b)
}

func finishFlow(b *Block) error {
	if b.String("coupling") == "ot" && len(b.Strings("condition")) > 0 {
		return b.fault("coupling", "optimal transport of a batch mixes its conditions").allowed("coupling = independent with condition")
	}
	if n := b.Int("batch"); b.String("coupling") == "ot" && n > largestTransport {
		return b.fault("batch", "optimal transport of %d rows needs %d costs in memory", n, n*n).allowed("up to %d with coupling = ot", largestTransport)
	}
	return finishTrained(b)
}

// largestTransport is the batch whose costs are 512 MiB.
const largestTransport = 8192

// finishTrained moves the short forms of the network's sizes to their place, and
// checks the condition's keys against each other.
func finishTrained(b *Block) error {
	if err := finishPhysics(b); err != nil {
		return err
	}
	net := b.Table("network")
	for _, key := range []string{"width", "depth", "embedding"} {
		switch {
		case !b.Given(key):
		case net.kind.Key(key) == nil:
			return b.fault(key, "a network of kind %q has no %s", net.Kind, key).allowed("the keys of network: %s", keyNames(net.kind))
		case net.Given(key):
			return b.fault(key, "stands beside network.%s", key).allowed("one of the two")
		default:
			net.values[key], net.nodes[key] = b.values[key], b.nodes[key]
			delete(b.values, key)
		}
	}
	condition := b.Strings("condition")
	for i, name := range condition {
		if slices.Contains(b.Strings("columns"), name) {
			return b.elementFault("condition", i, "%q is among columns, the columns that are sampled", name)
		}
	}
	for i, name := range b.Strings("classes") {
		if !slices.Contains(condition, name) {
			return b.elementFault("classes", i, "%q is not among the columns of condition", name).allowed("%s", orNone(condition))
		}
	}
	if err := b.length("given", len(b.Floats("given")), len(condition), "condition"); err != nil {
		return err
	}
	if b.Float("guidance") > 0 {
		switch {
		case !b.Has("given"):
			return b.fault("guidance", "nothing is given that samples could lean towards").allowed("guidance with given")
		case b.Float("drop") == 0:
			return b.fault("guidance", "with drop = 0 the law without the condition is never learned").allowed("drop > 0")
		}
	}
	return nil
}

func keyNames(k *Kind) string {
	var names []string
	for _, key := range k.Keys {
		names = append(names, key.Name)
	}
	return strings.Join(names, ", ")
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
