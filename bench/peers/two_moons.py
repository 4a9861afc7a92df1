"""Data and distance of the two-moons job, for torch_two_moons.py and jax_two_moons.py;
the same as in train/moons_test.go."""
import numpy as np


def moons(n, seed):
    """scikit-learn's make_moons with noise 0.05, less its mean and over its standard deviations."""
    rng = np.random.default_rng(seed)
    t, second = np.pi * rng.random(n), rng.random(n) < 0.5
    x = np.where(second, 1 - np.cos(t), np.cos(t))
    y = np.where(second, 0.5 - np.sin(t), np.sin(t))
    p = np.stack([x, y], 1) + 0.05 * rng.standard_normal((n, 2)) - [0.5, 0.25]
    across = 0.5 - 4 / np.pi**2 + (2 / np.pi - 0.25) ** 2
    return p / np.sqrt([0.7525, across + 0.0025])


def sliced_w1(x, y, directions=256):
    a = np.pi * (np.arange(directions) + 0.5) / directions
    theta = np.stack([np.cos(a), np.sin(a)])
    return np.abs(np.sort(x @ theta, 0) - np.sort(y @ theta, 0)).mean()


def floor(n):
    return np.median([sliced_w1(moons(n, 1000 + 2 * k), moons(n, 1001 + 2 * k)) for k in range(50)])


def ratio(x):
    """Distance to held-out draws over the floor."""
    return np.median([sliced_w1(x, moons(len(x), 2000 + k)) for k in range(9)]) / floor(len(x))


def karras(steps, low=0.002, high=80, rho=7):
    t = np.arange(steps) / (steps - 1)
    return np.append((high ** (1 / rho) + t * (low ** (1 / rho) - high ** (1 / rho))) ** rho, 0)
