"""Training of bench/engine in JAX: an MLP of three layers of 128 in EDM
preconditioning on points in two dimensions, batches of 512, Adam, the weights
averaged, float32, the whole step jitted with its state donated.

    python3 bench/peers/jax_train.py [steps]

Prints milliseconds per step, compilation excluded.
"""
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

D, WIDTH, DEPTH, EMBEDDING, BATCH = 2, 128, 3, 32, 512


def network(key):
    sizes = [D] + [WIDTH] * DEPTH + [D]
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        key, k1, k2 = jax.random.split(key, 3)
        w = jax.random.normal(k1, (a, b)) / np.sqrt(a) if i < DEPTH else jnp.zeros((a, b))
        v = jax.random.normal(k2, (EMBEDDING, b)) / np.sqrt(EMBEDDING) if i < DEPTH else None
        layers.append((w, v, jnp.zeros(b)))
    return layers


def apply(layers, u, c):
    arg = c * 2 ** (6 * jnp.arange(EMBEDDING // 2) / (EMBEDDING // 2))
    e = jnp.concatenate([jnp.cos(arg), jnp.sin(arg)], 1)
    h = u
    for w, v, b in layers[:-1]:
        h = jax.nn.silu(h @ w + e @ v + b)
    w, _, b = layers[-1]
    return h @ w + b


def loss(layers, u, key):
    k1, k2 = jax.random.split(key)
    sigma = jnp.exp(-1.2 + 1.2 * jax.random.normal(k1, (len(u), 1)))
    z = u + sigma * jax.random.normal(k2, u.shape)
    root = jnp.sqrt(sigma**2 + 1)
    d = z / root**2 + sigma / root * apply(layers, z / root, jnp.log(sigma) / 4)
    return ((sigma**2 + 1) / sigma**2 * (d - u) ** 2).mean()


def make_step(data, steps, rate=1e-3, decay=0.999, loss=loss):
    def step(state, k):
        layers, m, v, average = state
        k1, k2 = jax.random.split(jax.random.fold_in(jax.random.PRNGKey(0), k))
        u = data[jax.random.randint(k1, (BATCH,), 0, len(data))]
        value, g = jax.value_and_grad(loss)(layers, u, k2)
        t = k + 1.0
        eta = rate * jnp.minimum(1, t / (0.02 * steps)) * 0.5 * (1 + jnp.cos(jnp.pi * k / steps))
        tree = jax.tree_util.tree_map
        m = tree(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = tree(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        layers = tree(lambda p, m, v: p - eta * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8), layers, m, v)
        gamma = jnp.minimum(decay, (1 + t) / (10 + t))
        average = tree(lambda a, p: gamma * a + (1 - gamma) * p, average, layers)
        return (layers, m, v, average), value

    return jax.jit(step, donate_argnums=0)


def start(seed):
    layers = network(jax.random.PRNGKey(seed))
    zeros = jax.tree_util.tree_map(jnp.zeros_like, layers)
    return layers, zeros, jax.tree_util.tree_map(jnp.copy, zeros), jax.tree_util.tree_map(jnp.copy, layers)


if __name__ == "__main__":
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    step = make_step(jax.random.normal(jax.random.PRNGKey(1), (4096, D)), steps)
    state, _ = step(start(2), 0.0)
    jax.block_until_ready(state)
    state, begin = start(2), time.perf_counter()
    for k in range(steps):
        state, value = step(state, float(k))
        float(value)  # the loss is looked at in every step, as abide does to stop at a NaN
    print(f"jax {jax.__version__}: {1e3 * (time.perf_counter() - begin) / steps:.3f} ms per step")
