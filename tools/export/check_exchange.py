"""Run the Python of docs/exchange.md as a user would (torch, jax, jax2onnx, onnx,
onnxscript, safetensors), and compare what both frameworks read from a file of abide."""

import os
import re
import shutil
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")


def main():
    sys.path.insert(0, HERE)
    with open(os.path.join(ROOT, "docs", "exchange.md"), encoding="utf-8") as f:
        blocks = re.findall(r"<!-- not run here: ([^\n]*), by check_exchange.py -->\n```python\n(.*?)^```$", f.read(), re.S | re.M)
    assert len(blocks) == 5, len(blocks)
    folder = tempfile.mkdtemp()
    shutil.copy(os.path.join(ROOT, "examples", "concrete", "prior.safetensors"), folder)
    os.chdir(folder)
    names = {}
    for title, code in blocks:
        exec(code, names)
        print("ran:", title, flush=True)
    worst = np.abs(names["torch_result"].numpy() - np.asarray(names["jax_result"])).max()
    from check_weights import denoise, load

    w, card = load("tuned.safetensors")
    ours = denoise(w, card, names["u"].numpy().astype(float), names["sigma"].numpy().astype(float))
    worst = max(worst, np.abs(names["torch_result"].numpy() - ours).max())
    print(f"largest difference between torch, JAX and NumPy {worst:.1e}")
    sys.exit(int(worst > 1e-4))


if __name__ == "__main__":
    main()
