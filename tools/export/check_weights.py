"""Read a network that abide trained with NumPy alone, and compare with abide.

    python tools/export/check_weights.py            # compares with the stored vectors
    python tools/export/check_weights.py --write    # writes them anew

The vectors are train/testdata/numpy.npz: points u, noise levels sigma and the
denoiser's output. A Go test holds abide's own network to the same file, so both
sides read the weights of examples/concrete/prior.safetensors alike.
"""

import json
import os
import struct
import sys

import numpy as np

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
VECTORS = os.path.join(ROOT, "train", "testdata", "numpy.npz")


def load(path):
    """Tensors and card of a safetensors file: 8 bytes of length, JSON, numbers."""
    with open(path, "rb") as f:
        raw = f.read()
    (n,) = struct.unpack("<Q", raw[:8])
    head = json.loads(raw[8 : 8 + n])
    card = json.loads(head.pop("__metadata__")["card"])
    body = raw[8 + n :]
    tensors = {}
    for name, t in head.items():
        assert t["dtype"] == "F32", name
        begin, end = t["data_offsets"]
        tensors[name] = np.frombuffer(body[begin:end], "<f4").reshape(t["shape"]).astype(np.float64)
    return tensors, card


def denoise(w, card, u, sigma):
    """E[u0 | u0 + sigma n = u] of the network, u in standardised coordinates."""
    s = card["settings"]["Network"]
    half = s["embedding"] // 2
    arg = np.log(sigma)[:, None] / 4 * 2.0 ** (6 * np.arange(half) / half)
    e = np.concatenate([np.cos(arg), np.sin(arg)], 1)
    r = np.sqrt(1 + sigma**2)[:, None]
    h = u / r
    for l in range(s["depth"]):
        a = h @ w[f"w{l}"] + e @ w[f"v{l}"] + w[f"b{l}"]
        h = a * 0.5 * (1 + a / np.sqrt(1 + a * a))
    f = h @ w["w%d" % s["depth"]] + w["b%d" % s["depth"]]
    return u / r**2 + sigma[:, None] / r * f


def main():
    w, card = load(os.path.join(ROOT, "examples", "concrete", "prior.safetensors"))
    if "--write" in sys.argv:
        rng = np.random.default_rng(0)
        sigma = np.array([0.02, 0.1, 0.5, 1.0, 2.5])
        u = rng.standard_normal((5, len(card["columns"]))) * np.sqrt(1 + sigma**2)[:, None]
        np.savez(VECTORS, u=u, sigma=sigma, denoised=denoise(w, card, u, sigma))
    v = np.load(VECTORS)
    worst = np.abs(denoise(w, card, v["u"], v["sigma"]) - v["denoised"]).max()
    print(f"largest difference {worst:.1e}")
    sys.exit(int(worst > 1e-9))


if __name__ == "__main__":
    main()
