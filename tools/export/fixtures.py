"""Make the networks of onnx/testdata: python tools/export/fixtures.py (torch, jax, jax2onnx, onnx, onnxscript).

Six networks as other frameworks write them, one graph per family of operators, and
exact denoisers of known laws, whose samples the tests compare with the law.
"""

import math
import os
import sys

import jax
import jax.numpy as jnp
import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import nn

from abide_export import cotangent, export_jax, export_torch, write_vectors

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "onnx", "testdata")


def examples(*shape, n=3, seed=0):
    r = np.random.default_rng(seed)
    return r.standard_normal((n,) + shape).astype(np.float32), r.uniform(0.05, 0.95, n).astype(np.float32)


def embedding(t, size, sin=torch.sin, cos=torch.cos, cat=lambda a: torch.cat(a, -1), arange=torch.arange, exp=torch.exp):
    """Sinusoidal embedding of a time in [0, 1]."""
    half = size // 2
    arg = 100 * t[:, None] * exp(-math.log(100) * arange(half) / half)[None]
    return cat([sin(arg), cos(arg)])


class MLP(nn.Module):
    def __init__(self, d=2, width=24):
        super().__init__()
        self.size = 16
        self.time = nn.Sequential(nn.Linear(16, width), nn.SiLU())
        self.inp, self.mid, self.out = nn.Linear(d, width), nn.Linear(width, width), nn.Linear(width, d)
        self.norm = nn.LayerNorm(width)

    def forward(self, x, t):
        e = self.time(embedding(t, self.size))
        h = F.silu(self.inp(x) + e)
        h = h + F.gelu(self.mid(self.norm(h)))
        return self.out(h)


class GeluMLP(MLP):
    def forward(self, x, t):
        h = F.gelu(self.inp(x) + self.time(embedding(t, self.size)), approximate="tanh")
        return self.out(F.mish(self.mid(h)))


class Block(nn.Module):
    def __init__(self, a, b, time):
        super().__init__()
        self.norm, self.conv1, self.conv2 = nn.GroupNorm(2, a), nn.Conv2d(a, b, 3, padding=1), nn.Conv2d(b, b, 3, padding=1)
        self.time, self.skip = nn.Linear(time, b), nn.Conv2d(a, b, 1)

    def forward(self, x, e):
        h = self.conv1(F.silu(self.norm(x))) + self.time(e)[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(h))


class UNet(nn.Module):
    """One level down and up: strided convolution, nearest upsampling, concatenation."""

    def __init__(self, c=4):
        super().__init__()
        self.inp, self.a, self.b, self.c = nn.Conv2d(1, c, 3, padding=1), Block(c, c, 8), Block(c, c, 8), Block(2 * c, c, 8)
        self.down, self.out = nn.Conv2d(c, c, 4, stride=2, padding=1), nn.Conv2d(c, 1, 3, padding=1)

    def forward(self, x, t):
        e = embedding(t, 8)
        h = self.a(self.inp(x), e)
        low = self.b(self.down(h), e)
        up = F.interpolate(low, scale_factor=2.0, mode="nearest")
        return self.out(self.c(torch.cat([h, up], 1), e))


class Attention(nn.Module):
    """A transformer block over 4 tokens of 6 numbers each."""

    def __init__(self, width=16, heads=2):
        super().__init__()
        self.heads, self.inp, self.out = heads, nn.Linear(6, width), nn.Linear(width, 6)
        self.qkv, self.proj, self.mlp = nn.Linear(width, 3 * width), nn.Linear(width, width), nn.Linear(width, width)
        self.n1, self.n2, self.time = nn.LayerNorm(width), nn.LayerNorm(width), nn.Linear(8, width)

    def forward(self, x, t):
        h = self.inp(x.unflatten(1, (4, 6))) + self.time(embedding(t, 8))[:, None]
        q, k, v = self.qkv(self.n1(h)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        a = F.scaled_dot_product_attention(q, k, v)
        h = h + self.proj(a.transpose(1, 2).flatten(2))
        h = h + F.gelu(self.mlp(self.n2(h)))
        return self.out(h).flatten(1)


def jax_embedding(t, size):
    return embedding(t, size, jnp.sin, jnp.cos, lambda a: jnp.concatenate(a, -1), jnp.arange, jnp.exp)


def dense(key, a, b):
    return jax.random.normal(key, (a, b)) / math.sqrt(a), 0.1 * jax.random.normal(jax.random.fold_in(key, 1), (b,))


def jax_mlp(x, t, p=[dense(jax.random.key(i), *s) for i, s in enumerate([(2 + 16, 24), (24, 24), (24, 2)])]):
    h = jnp.concatenate([x, jax_embedding(t, 16)], -1)
    for w, b in p[:-1]:
        h = jax.nn.swish(h @ w + b)
    return h @ p[-1][0] + p[-1][1]


def jax_residual(x, t, p=[dense(jax.random.key(9 + i), *s) for i, s in enumerate([(5, 16), (8, 16), (16, 16), (16, 16), (16, 5)])]):
    def norm(h):
        h = h - h.mean(-1, keepdims=True)
        return h / jnp.sqrt((h * h).mean(-1, keepdims=True) + 1e-5)

    (w0, b0), (wt, bt), *blocks, (w, b) = p
    h = x @ w0 + b0
    for a, c in blocks:
        h = h + jax.nn.gelu(norm(h + jax_embedding(t, 8) @ wt + bt) @ a + c, approximate=True)
    return jax.nn.softplus(h) @ w + b


JAX_KERNEL = 0.3 * jax.random.normal(jax.random.key(77), (3, 1, 3, 3))


def jax_conv(x, t):
    h = jax.lax.conv_general_dilated(x, JAX_KERNEL, (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW"))
    h = jax.nn.elu(h + t[:, None, None, None])
    return jax.lax.conv_general_dilated(h, JAX_KERNEL.transpose(1, 0, 2, 3), (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW"))


# One graph per family of operators; t only scales, so that it is used.

class Convolutions(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(2, 4, (2, 3), stride=(2, 1), padding=(1, 2), dilation=(1, 2))
        self.b, self.c = nn.Conv2d(4, 4, 3, groups=2, padding=1), nn.Conv2d(4, 4, 3, groups=4, padding=1)
        self.d = nn.ConvTranspose2d(4, 2, (4, 3), stride=2, padding=1, output_padding=(0, 1))
        self.e = nn.ConvTranspose2d(2, 4, 3, groups=2, dilation=2)
        self.f, self.g = nn.Conv1d(4, 3, 2, stride=3), nn.Conv3d(1, 1, 2)
        self.h = nn.Conv2d(4, 2, 2, padding="same")

    def forward(self, x, t):
        h = self.c(self.b(self.a(x)).tanh())
        h = self.h(self.e(self.d(h)))
        h = self.g(h[:, None]).squeeze(1)
        h = F.pad(h, (0, 0, 0, 0, 0, 3)).mean(2)
        return self.f(h) * t[:, None, None]


class Pools(nn.Module):
    def forward(self, x, t):
        x = x * t[:, None, None, None]
        out = [F.avg_pool2d(x, 3, 2, 1), F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False),
               F.avg_pool2d(x, (2, 3), ceil_mode=True), F.max_pool2d(x, 3, 2, 1), F.max_pool2d(x, 2, ceil_mode=True),
               F.max_pool2d(x, 2, 1, dilation=2), F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, 1), F.avg_pool1d(x[:, 0], 2),
               F.avg_pool1d(x[:, 0], 2, 3, ceil_mode=True), F.max_pool1d(x[:, 1], 1, 5, ceil_mode=True)]
        return torch.cat([o.flatten(1) for o in out], 1)


class Resizes(nn.Module):
    def forward(self, x, t):
        x = x * t[:, None, None, None]
        up = lambda **k: F.interpolate(x, **k)
        out = [up(scale_factor=2.0), up(size=(7, 3)), up(scale_factor=(2.0, 1.5), mode="bilinear"), up(size=(9, 7), mode="bilinear", align_corners=True),
               up(scale_factor=2.0, mode="bicubic"), F.pad(x, (1, 2, 3, 0)), F.pad(x, (1, 2, 2, 1), mode="reflect"), F.pad(x, (1, 2, 0, 1), mode="replicate"),
               F.pad(x, (2, 1, 1, 1), value=0.5), F.pad(x, (-1, 1, 0, -1)), F.pixel_shuffle(x.repeat(1, 2, 1, 1), 2), F.pixel_unshuffle(x[..., :4, :4], 2)]
        return torch.cat([o.flatten(1) for o in out], 1)


class Norms(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.GroupNorm(2, 4), nn.InstanceNorm2d(4, affine=True), nn.BatchNorm2d(4)
        self.d, self.e = nn.LayerNorm((3, 3)), nn.GroupNorm(4, 4, affine=False)
        r = torch.Generator().manual_seed(3)
        for p in self.parameters():
            p.data = 1 + 0.3 * torch.randn(p.shape, generator=r)
        self.c.running_mean, self.c.running_var = torch.tensor([0.1, -0.2, 0.3, 0.0]), torch.tensor([0.5, 1.5, 2.0, 0.7])

    def forward(self, x, t):
        x = x * t[:, None, None, None]
        out = [self.a(x), self.b(x), self.c(x), self.d(x), self.e(x), F.normalize(x, dim=1), F.softmax(x, 2), F.log_softmax(x, 1),
               x.std(3), x.norm(dim=2), x.logsumexp(2), x.amax(1), x.amin((2, 3)), x.abs().sum(1), x.square().sum(2), x.prod(3)]
        return torch.cat([o.flatten(1) for o in out], 1)


class Activations(nn.Module):
    def __init__(self):
        super().__init__()
        self.prelu = nn.PReLU(6)
        self.prelu.weight.data = torch.linspace(0.1, 0.6, 6)

    def forward(self, x, t):
        x = 3 * x * t[:, None]
        names = "relu leaky_relu elu selu celu gelu silu mish softplus softsign hardsigmoid hardswish hardtanh relu6 tanh sigmoid logsigmoid tanhshrink".split()
        out = [getattr(F, n)(x) for n in names] + [self.prelu(x), F.gelu(x, approximate="tanh"), F.elu(30 * x, 0.7), F.softplus(90 * x), F.threshold(x, 0.0, 0.0)]
        out += [x.exp(), x.abs().sqrt(), (x.abs() + 1).log(), x.sin(), x.cos(), torch.erf(x), x ** 2, x ** 3, (x.abs() + 0.1) ** 1.7, x.abs() ** -0.5, 1 / (2 + x * x), -x]
        out += [x.clamp(-1, 2), torch.where(x > 0.3, x * x, x.sin()), torch.maximum(x, x * x), torch.minimum(x, 1 - x), x.round() * x, x.floor() * x, x.sign() * x]
        out += [((x > 0) & (x < 1)) * x, ((x > 0) | (x < -1)) * x, (~(x > 0)) * x, torch.remainder(x, 0.7), x.ceil() + x.long().float() * x, x.tan().cos() * 0 + x]
        return torch.cat(out, 1)


class Shapes(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 4)

    def forward(self, x, t):
        n = x.shape[0]
        x = x * t[:, None, None]
        a, b, c = x.split([1, 2, 3], 1)
        out = [x[:, 1::2], x[:, :, -2:], x.flip(1), x[:, [4, 0, 0]], a.expand(n, 3, 4), b.tile(1, 2, 1), c.cumsum(1), x.tril(1), x.triu(-1),
               torch.einsum("nij,nkj->nik", x, b), x @ c.transpose(1, 2), (x.permute(2, 0, 1) @ torch.ones(6)).t()[..., None], torch.stack([a, a + 1], 2),
               x.reshape(n, 2, -1), self.table((9 * t).long())[:, None], torch.cat([x, torch.zeros(n, 1, x.shape[2])], 1), x.roll(2, 1), x.chunk(2, 2)[1],
               torch.arange(4).float() * x]
        return torch.cat([o.flatten(1) for o in out], 1)


# Operators that no exporter above writes, as graphs by hand; torch says what is right.

def by_hand(path, opset, rows, truth, x, t, constants={}):
    """rows are (output, operator, inputs, attributes); what starts with "o" is flattened and joined."""
    helper = onnx.helper
    nodes = [helper.make_node(op, i.split(), [o], **k) for o, op, i, k in rows]
    outs = [r[0] for r in rows if r[0].startswith("o")]
    nodes += [helper.make_node("Flatten", [o], ["flat" + o], axis=1) for o in outs]
    nodes += [helper.make_node("Concat", ["flat" + o for o in outs], ["out"], axis=1)]
    info = lambda name, shape: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "net", [info("x", ["n", *x.shape[1:]]), info("t", ["n"])], [info("out", ["n", None])],
                              [onnx.numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10), path)
    z = torch.tensor(x, requires_grad=True)
    out = torch.cat([o.flatten(1) for o in truth(z, torch.tensor(t))], 1)
    c = cotangent(out.shape)
    (grad,) = torch.autograd.grad((out * torch.tensor(c)).sum(), z)
    write_vectors(path, x, t, c, out.detach().numpy(), grad.numpy())


def other_operators(path):
    x, t = examples(4, 2, 2)
    rows = [("s", "Unsqueeze", "t axes", {}), ("y", "Mul", "x s", {}), ("unit", "CastLike", "integer x", {})]
    rows += [("o%d" % k, op, "y", a) for k, (op, a) in enumerate(
        [("Cosh", {}), ("Sinh", {}), ("Dropout", {}), ("GlobalMaxPool", {}), ("Softsign", {}), ("Swish", dict(alpha=1.5)), ("ThresholdedRelu", dict(alpha=0.2)),
         ("SpaceToDepth", dict(blocksize=2)), ("LpNormalization", dict(axis=1, p=2)), ("LpNormalization", dict(axis=-1, p=1)), ("ReduceL1", {"keepdims": 1})])]
    rows[-1] = ("ol", "ReduceL1", "y last", {})
    rows += [("e", "Exp", "y", {}), ("om", "ReduceLogSum", "e last", {}), ("on", "Sum", "y e unit", {}), ("op", "Mean", "y e", {}), ("oq", "Mod", "y modulus", dict(fmod=0)),
             ("b", "IsNaN", "y", {}), ("c", "GreaterOrEqual", "y half", {}), ("d", "Xor", "b c", {}), ("or", "Where", "d y e", {}),
             ("os", "RMSNormalization", "y scale", dict(axis=-1, epsilon=1e-4)), ("eye", "EyeLike", "square", dict(k=1)), ("ot", "MatMul", "y eye", {})]
    scale = np.array([0.5, 2], np.float32)

    def truth(x, t):
        y = x * t[:, None, None, None]
        e = y.exp()
        return [y.cosh(), y.sinh(), y, y.amax((2, 3)), F.softsign(y), y * (1.5 * y).sigmoid(), torch.where(y > 0.2, y, 0), y.reshape(3, 4, 2, 2).permute(0, 2, 3, 1),
                y / y.norm(dim=1, keepdim=True), y / y.abs().sum(-1, keepdim=True), y.abs().sum(-1), e.sum(-1).log(), y + e + 2, (y + e) / 2, torch.remainder(y, 0.7),
                torch.where(y >= 0.5, y, e), y / (y.square().mean(-1, keepdim=True) + 1e-4).sqrt() * torch.tensor(scale), y @ torch.tensor([[0.0, 1.0], [0.0, 0.0]])]

    by_hand(path, 24, rows, truth, x, t, dict(axes=np.array([1, 2, 3]), last=np.array([-1]), half=np.float32(0.5), modulus=np.float32(0.7), scale=scale, square=np.zeros((2, 2), np.float32), integer=np.array(2)))


def old_operators(path):
    """Opset 9: axes, bounds, pads and scales as attributes, softmax over all axes from one on."""
    x, t = examples(2, 3, 2)
    rows = [("s", "Unsqueeze", "t", dict(axes=[1, 2, 3])), ("y", "Mul", "x s", {}), ("oa", "Upsample", "y scales", dict(mode="nearest")), ("ob", "Upsample", "y scales", dict(mode="linear")),
            ("oc", "Softmax", "y", dict(axis=1)), ("od", "Clip", "y", dict(min=-0.2, max=0.3)), ("oe", "Pad", "y", dict(pads=[0, 0, 1, 0, 0, 0, 0, 2], value=0.5)),
            ("of", "ReduceSum", "y", dict(axes=[2], keepdims=0)), ("og", "Slice", "y", dict(axes=[2], starts=[1], ends=[3])), ("h", "ReduceMax", "y", dict(axes=[1], keepdims=1)),
            ("oh", "Squeeze", "h", dict(axes=[1])), ("oi", "LogSoftmax", "y", dict(axis=2))]

    def truth(x, t):
        y = x * t[:, None, None, None]
        place = torch.tensor([0, 0.5, 1, 1.5, 2, 2]).clamp(max=2)
        rows = torch.tensor([[max(0.0, 1 - abs(float(p) - k)) for k in range(3)] for p in place])
        cols = torch.tensor([[1, 0], [0.5, 0.5], [0, 1], [0, 1.0]])
        return [F.interpolate(y, scale_factor=2.0), rows @ y @ cols.t(), y.flatten(1).softmax(1), y.clamp(-0.2, 0.3), F.pad(y, (0, 2, 1, 0), value=0.5), y.sum(2), y[:, :, 1:3], y.amax(1),
                y.flatten(2).log_softmax(2)]

    by_hand(path, 9, rows, truth, x, t, dict(scales=np.array([1, 1, 2, 2], np.float32)))


# Exact denoisers: the law is known in closed form.

MEANS, STD = torch.tensor([[-2.0, 0.5], [1.5, -1.0]]), 0.5
WEIGHTS = torch.tensor([0.4, 0.6])


class ExactNoise(nn.Module):
    """Noise of the mixture 0.4 N(m1, 0.25 I) + 0.6 N(m2, 0.25 I) under VP with beta 0.1 to 20."""

    def forward(self, x, t):
        a = torch.exp(-0.05 * t - 0.25 * 19.9 * t * t)[:, None]
        v = 1 - a * a
        s = a * a * STD**2 + v
        m = a[:, :, None] * MEANS.t()[None]  # [n, 2, k]
        logit = torch.log(WEIGHTS)[None] - ((x[:, :, None] - m) ** 2).sum(1) / (2 * s)
        r = torch.softmax(logit, 1)
        score = ((m - x[:, :, None]) / s[:, :, None] * r[:, None]).sum(2)
        return -torch.sqrt(v) * score


class ExactVelocity(nn.Module):
    """Velocity of the flow x_t = (1-t) n + t x_1 to the same mixture."""

    def forward(self, x, t):
        t = t[:, None]
        s = t * t * STD**2 + (1 - t) ** 2
        m = t[:, :, None] * MEANS.t()[None]
        r = torch.softmax(torch.log(WEIGHTS)[None] - ((x[:, :, None] - m) ** 2).sum(1) / (2 * s), 1)
        gain = (t * STD**2 - (1 - t)) / s
        return (r[:, None] * (MEANS.t()[None] + gain[:, :, None] * (x[:, :, None] - m))).sum(2)


class ExactV(nn.Module):
    """v of the same mixture on the chain of 100 indices with cosine schedule; the index is whole."""

    def __init__(self, steps=100):
        super().__init__()
        bar = np.cos((np.arange(steps + 1) / steps + 0.008) / 1.008 * np.pi / 2) ** 2
        alpha = np.cumprod(1 - np.minimum(1 - bar[1:] / bar[:-1], 0.999))
        self.register_buffer("a", torch.tensor(np.sqrt(alpha), dtype=torch.float32))
        self.register_buffer("b", torch.tensor(np.sqrt(1 - alpha), dtype=torch.float32))

    def forward(self, x, t):
        a, b = self.a[t][:, None], self.b[t][:, None]
        s = a * a * STD**2 + b * b
        off = x[:, :, None] - a[:, :, None] * MEANS.t()[None]
        r = torch.softmax(torch.log(WEIGHTS)[None] - (off**2).sum(1) / (2 * s), 1)[:, None]
        clean = (r * (MEANS.t()[None] + (a * STD**2 / s)[:, :, None] * off)).sum(2)
        return a * (x - a * clean) / b - b * clean


def jax_exact(x, s, power):
    """Score (power 0) or clean point (power 1) of the same mixture at noise level s, a = 1."""
    means, weights = jnp.asarray(MEANS.numpy()), jnp.asarray(WEIGHTS.numpy())
    off = x[:, None] - means
    v = STD**2 + s[:, None] ** 2
    r = jax.nn.softmax(jnp.log(weights) - (off**2).sum(-1) / (2 * v), -1)
    score = -(off / v[:, :, None] * r[:, :, None]).sum(1)
    return x + s[:, None] ** 2 * score if power else score


def jax_score(x, t):
    return jax_exact(x, 0.01 * jnp.exp(t * math.log(50 / 0.01)), 0)


def jax_clean(x, c):
    return jax_exact(x, jnp.exp(4 * c), 1)


def mixture(n, seed=5):
    r = np.random.default_rng(seed)
    k = (r.random(n) < WEIGHTS[1].item()).astype(int)
    return (MEANS.numpy()[k] + STD * r.standard_normal((n, 2))).astype(np.float32)


def main(only):
    torch.manual_seed(0)
    os.makedirs(OUT, exist_ok=True)
    two, image = examples(2), examples(1, 8, 8, n=2)
    jobs = {
        "torch-classic-mlp": lambda p: export_torch(MLP(), *two, p, "classic", opset=17),
        "torch-classic-unet": lambda p: export_torch(UNet(), *image, p, "classic", opset=17),
        "torch-dynamo-mlp": lambda p: export_torch(GeluMLP(), *two, p, "dynamo", opset=20),
        "torch-dynamo-attention": lambda p: export_torch(Attention(), *examples(24), p, "dynamo"),
        "torch-dynamo-unet": lambda p: export_torch(UNet(), *image, p, "dynamo"),
        "jax-mlp": lambda p: export_jax(jax_mlp, *two, p),
        "jax-residual": lambda p: export_jax(jax_residual, *examples(5), p),
        "jax-conv": lambda p: export_jax(jax_conv, *examples(1, 6, 6), p),
        "operators-convolution": lambda p: export_torch(Convolutions(), *examples(2, 7, 6), p, "classic", opset=17),
        "operators-pool": lambda p: export_torch(Pools(), *examples(2, 7, 6), p, "classic", opset=19),
        "operators-resize": lambda p: export_torch(Resizes(), *examples(2, 5, 4), p, "classic", opset=17),
        "operators-norm": lambda p: export_torch(Norms(), *examples(4, 3, 3), p, "classic", opset=17),
        "operators-norm-21": lambda p: export_torch(Norms(), *examples(4, 3, 3), p, "dynamo", opset=21),
        "operators-activation": lambda p: export_torch(Activations(), *examples(6, n=4), p, "classic", opset=17),
        "operators-activation-20": lambda p: export_torch(Activations(), *examples(6, n=4), p, "dynamo", opset=20),
        "operators-shape": lambda p: export_torch(Shapes(), *examples(6, 4), p, "classic", opset=17),
        "operators-shape-18": lambda p: export_torch(Shapes(), *examples(6, 4), p, "dynamo"),
        "operators-other": other_operators,
        "operators-opset9": old_operators,
        "exact-noise": lambda p: export_torch(ExactNoise(), *two, p, "classic", data=mixture(400), opset=17),
        "exact-velocity": lambda p: export_torch(ExactVelocity(), *two, p, "dynamo", data=mixture(400)),
        "exact-v": lambda p: export_torch(ExactV(), two[0], np.array([0, 40, 99]), p, "dynamo", data=mixture(200)),
        "exact-score": lambda p: export_jax(jax_score, *two, p, data=mixture(200)),
        "exact-x0": lambda p: export_jax(jax_clean, *two, p, data=mixture(200)),
    }
    for name, job in jobs.items():
        if only and name not in only:
            continue
        try:
            job(os.path.join(OUT, name + ".onnx"))
            print(name, os.path.getsize(os.path.join(OUT, name + ".onnx")), flush=True)
        except Exception as e:  # say which, go on with the others
            print(name, "FAILED", type(e).__name__, str(e)[:600], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
