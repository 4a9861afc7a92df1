"""Job (a) of bench/engine in JAX: 64 ancestral steps of 2,000 points in two
dimensions with an MLP of three layers of 128 in EDM preconditioning, called from
a loop on the host in two ways:

    device  the whole step is jitted and the points stay with JAX, so that steps
            are queued without waiting for each other
    host    the denoiser is jitted and the points come back after every step, as
            they do in abide, which resamples, checks and saves them there

each with SiLU (swish), the activation that networks in JAX usually have, and with
abide's own, x·½(1 + x/√(1+x²)), which needs no exponential.

    python3 bench/peers/jax_job_a.py [repetitions]

Prints medians and minima in milliseconds, compilation excluded.
"""
import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

N, D, STEPS, WIDTH, DEPTH, EMBEDDING = 2000, 2, 64, 128, 3, 32


def network(key):
    sizes = [D] + [WIDTH] * DEPTH + [D]
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        key, k1, k2 = jax.random.split(key, 3)
        w = jax.random.normal(k1, (a, b)) / np.sqrt(a)
        v = jax.random.normal(k2, (EMBEDDING, b)) / np.sqrt(EMBEDDING) if i < DEPTH else None
        layers.append((w, v, jnp.zeros(b)))
    return layers


ACTIVATIONS = {
    "silu": jax.nn.silu,
    "abide's activation": lambda x: x * 0.5 * (1 + x / jnp.sqrt(1 + x * x)),
}
activation = None  # one of them, set before anything is traced


def denoise(layers, u, sigma):
    c_in = 1 / jnp.sqrt(sigma**2 + 1)
    arg = jnp.log(sigma) / 4 * 2 ** (6 * jnp.arange(EMBEDDING // 2) / (EMBEDDING // 2))
    e = jnp.concatenate([jnp.cos(arg), jnp.sin(arg)])[None]
    h = c_in * u
    for w, v, b in layers[:-1]:
        h = activation(h @ w + (e @ v + b))
    w, _, b = layers[-1]
    return u / (sigma**2 + 1) + sigma * c_in * (h @ w + b)


def step(layers, z, key, s, s1):
    x = denoise(layers, z, s)
    key, k = jax.random.split(key)
    c = s1 * jnp.sqrt(jnp.maximum(1 - (s1 / s) ** 2, 0))
    keep = jnp.sqrt(jnp.maximum(s1**2 - c**2, 0))
    return x + keep * (z - x) / s + c * jax.random.normal(k, z.shape), key


def levels():
    t = np.arange(STEPS) / (STEPS - 1)
    s = (80 ** (1 / 7) + t * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7
    return np.append(s, 0)


def on_device(layers, sigma):
    key = jax.random.PRNGKey(0)
    z = jax.random.normal(key, (N, D)) * sigma[0]
    for s, s1 in zip(sigma[:-1], sigma[1:]):
        z, key = jitted_step(layers, z, key, s, s1)
    return z.block_until_ready()


def on_host(layers, sigma):
    rng = np.random.default_rng(0)
    z = rng.standard_normal((N, D)) * sigma[0]
    for s, s1 in zip(sigma[:-1], sigma[1:]):
        x = np.asarray(jitted_denoise(layers, z.astype(np.float32), s), dtype=np.float64)
        c = s1 * np.sqrt(max(1 - (s1 / s) ** 2, 0))
        keep = np.sqrt(max(s1**2 - c**2, 0))
        z = x + keep * (z - x) / s + c * rng.standard_normal(z.shape)
    return z


def main():
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    sigma = levels().astype(np.float32)
    layers = network(jax.random.PRNGKey(1))
    global activation, jitted_step, jitted_denoise
    for kind, activation in ACTIVATIONS.items():
        # New functions for each activation: jax.jit would find the old ones.
        jitted_step = jax.jit(lambda *a: step(*a))
        jitted_denoise = jax.jit(lambda *a: denoise(*a))
        for name, run in ("device", on_device), ("host", on_host):
            run(layers, sigma)  # compiles
            times = []
            for _ in range(repetitions):
                start = time.perf_counter()
                run(layers, sigma)
                times.append(1e3 * (time.perf_counter() - start))
            print(f"jax {jax.__version__}: job (a), {kind}, points on {name}: median {statistics.median(times):.1f} ms, minimum {min(times):.1f} ms")


if __name__ == "__main__":
    main()
