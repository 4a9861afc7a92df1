"""Two moons in JAX as a plain script does it: an MLP of three layers of 128, 5,000
steps of 512, 2,000 samples by 50 steps of Heun's rule; diffusion by EDM's loss, and
flow matching.

    python3 bench/peers/jax_two_moons.py [seeds] [learning rate] [decay of the average]

Prints sliced Wasserstein-1 to held-out draws over the floor between exact sets.
"""
import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

import two_moons
from jax_train import apply, loss as edm, make_step, start


def flow(layers, u, key):
    k1, k2 = jax.random.split(key)
    n, t = jax.random.normal(k1, u.shape), jax.random.uniform(k2, (len(u), 1))
    return ((apply(layers, t * u + (1 - t) * n, t) - (u - n)) ** 2).mean()


def heun(field, z, times):
    for a, b in zip(times[:-1], times[1:]):
        d = field(z, a)
        step = z + (b - a) * d
        z = step if b == 0 else z + (b - a) / 2 * (d + field(step, b))
    return z


@jax.jit
def slope(layers, z, s):
    root = jnp.sqrt(s**2 + 1)
    d = z / root**2 + s / root * apply(layers, z / root, jnp.full((len(z), 1), jnp.log(s) / 4))
    return (z - d) / s


@jax.jit
def velocity(layers, z, t):
    return apply(layers, z, jnp.full((len(z), 1), t))


def sample(layers, kind, key, n=2000):
    z = jax.random.normal(key, (n, 2))
    if kind == "diffusion":
        levels = [float(s) for s in two_moons.karras(50)]
        return heun(lambda z, s: slope(layers, z, s), levels[0] * z, levels)
    return heun(lambda z, t: velocity(layers, z, t), z, [k / 50 for k in range(51)])


if __name__ == "__main__":
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 1e-3
    decay = float(sys.argv[3]) if len(sys.argv) > 3 else 0.999
    for kind, loss in ("diffusion", edm), ("flow", flow):
        ratios, seconds = [], []
        for seed in range(seeds):
            data = jnp.asarray(two_moons.moons(20000, 500 + seed), dtype=jnp.float32)
            step, state, begin = make_step(data, 5000, rate=rate, decay=decay, loss=loss), start(seed), time.perf_counter()
            for k in range(5000):
                state, _ = step(state, float(k))
            jax.block_until_ready(state)
            seconds.append(time.perf_counter() - begin)
            x = np.asarray(sample(state[3], kind, jax.random.PRNGKey(100 + seed)), dtype=np.float64)
            ratios.append(two_moons.ratio(x))
        print(f"jax {jax.__version__}: {kind}: {statistics.median(ratios):.2f} x the floor, of {[round(r, 2) for r in ratios]}; trained in {statistics.median(seconds):.0f} s with compilation")
