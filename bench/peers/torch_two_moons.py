"""Two moons in PyTorch as a plain script does it: an MLP of three layers of 128,
5,000 steps of 512, 2,000 samples by 50 steps of Heun's rule; diffusion by EDM's
loss, flow matching, and flow matching with optimal transport of the batch (SciPy).

    python3 bench/peers/torch_two_moons.py [seeds] [learning rate] [decay of the average]

Prints sliced Wasserstein-1 to held-out draws over the floor between exact sets.
"""
import statistics
import sys

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

import two_moons
from torch_train import loss as edm, train


def flow(transport):
    def loss(network, u):
        n, t = torch.randn_like(u), torch.rand(len(u), 1)
        if transport:
            n = n[linear_sum_assignment(torch.cdist(u, n) ** 2)[1]]
        return ((network(t * u + (1 - t) * n, t) - (u - n)) ** 2).mean()

    return loss


def heun(field, z, times):
    for a, b in zip(times[:-1], times[1:]):
        d = field(z, a)
        step = z + (b - a) * d
        z = step if b == 0 else z + (b - a) / 2 * (d + field(step, b))
    return z


@torch.no_grad()
def sample(network, kind, n=2000):
    def denoised(z, s):
        s = torch.full((len(z), 1), s)
        root = torch.sqrt(s**2 + 1)
        return z / root**2 + s / root * network(z / root, torch.log(s) / 4)

    if kind == "diffusion":
        levels = [float(s) for s in two_moons.karras(50)]
        return heun(lambda z, s: (z - denoised(z, s)) / s, levels[0] * torch.randn(n, 2), levels)
    times = [k / 50 for k in range(51)]
    return heun(lambda z, t: network(z, torch.full((len(z), 1), t)), torch.randn(n, 2), times)


if __name__ == "__main__":
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 1e-3
    decay = float(sys.argv[3]) if len(sys.argv) > 3 else 0.999
    torch.set_num_threads(1)
    for kind, loss in ("diffusion", edm), ("flow", flow(False)), ("flow by optimal transport", flow(True)):
        ratios, seconds = [], []
        for seed in range(seeds):
            torch.manual_seed(seed)
            data = torch.tensor(two_moons.moons(20000, 500 + seed), dtype=torch.float32)
            network, s = train(data, 5000, rate=rate, decay=decay, loss=loss)
            ratios.append(two_moons.ratio(sample(network, kind).numpy().astype(np.float64)))
            seconds.append(s)
        print(f"torch {torch.__version__}: {kind}: {statistics.median(ratios):.2f} x the floor, of {[round(r, 2) for r in ratios]}; trained in {statistics.median(seconds):.0f} s")
