#!/usr/bin/env python3
"""Judge the proposals of `abide run examples/concrete/mix.toml` by other means.

    python3 examples/concrete/judge.py [runs/mix/samples.csv]

A regressor made by someone else, scikit-learn's gradient boosting (500 trees of
depth 4, learning rate 0.1, each fitted to 80 % of the rows, seed 0), is fitted to
all 1,030 rows of concrete.csv and asked how strong it believes each proposed mix
to be. The rows of the spec, the CO2 and the distance to real mixes are computed
anew from the numbers in samples.csv. Prints every number beside its bar; exits
with 1 where one is missed.

Needs numpy and scikit-learn.
"""
import pathlib
import sys

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import KFold, cross_val_predict

HERE = pathlib.Path(__file__).parent
STRENGTH = "compressive_strength"
BINDERS = ("cement", "blast_furnace_slag", "fly_ash")
DENSITY = dict(cement=3.15, blast_furnace_slag=2.90, fly_ash=2.30, water=1.00,
               superplasticizer=1.10, coarse_aggregate=2.65, fine_aggregate=2.62)
CO2 = dict(cement=0.90, blast_furnace_slag=0.07, fly_ash=0.01, water=0.0003,
           superplasticizer=1.5, coarse_aggregate=0.005, fine_aggregate=0.005)
TOLERANCE = 1e-6  # in each row's own unit


def read(path):
    """Columns of a CSV file by name."""
    with open(path, encoding="utf-8") as f:
        names = f.readline().strip().split(",")
        values = np.loadtxt(f, delimiter=",", ndmin=2)
    return dict(zip(names, values.T))


def total(table, factor):
    return sum(f * table[name] for name, f in factor.items())


def matrix(table, names):
    return np.column_stack([table[n] for n in names])


def weighted_median(x, w):
    order = np.argsort(x)
    share = np.cumsum(w[order])
    return x[order][np.searchsorted(share, 0.5 * share[-1])]


def nearest(points, others, skip_self=False):
    """Distance of each point to the nearest of the others."""
    out = np.empty(len(points))
    for i, p in enumerate(points):
        d = np.sqrt(((others - p) ** 2).sum(axis=1))
        if skip_self:
            d[i] = np.inf
        out[i] = d.min()
    return out


def violations(s):
    """The worst violation of each row of mix.toml, in its unit."""
    volume = sum(s[name] / d for name, d in DENSITY.items())
    return {
        "strength >= 55 MPa": (55 - s[STRENGTH]).max(),
        "age = 28 days": abs(s["age"] - 28).max(),
        "ingredients >= 0 kg": max((-s[name]).max() for name in DENSITY),
        "water/binder <= 0.45": (s["water"] / sum(s[b] for b in BINDERS) - 0.45).max(),
        "volume = 980 litres": abs(volume - 980).max(),
    }


def main():
    path = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parent.parent / "runs" / "mix" / "samples.csv")
    if not path.exists():
        print(f"judge: {path} is not there: run `abide run examples/concrete/mix.toml` first")
        return 1
    real, s = read(HERE / "concrete.csv"), read(path)
    columns = list(real)
    inputs = [c for c in columns if c != STRENGTH]
    logw = s.get("logw", np.zeros(len(s["age"])))
    w = np.exp(logw - logw.max())
    w /= w.sum()
    missed = []

    def bar(what, value, unit, low=-np.inf, high=np.inf):
        ok = bool(low <= value <= high)  # not a number is missed as well
        wanted = " and ".join(t for t in (f">= {low:.6g}" if low > -np.inf else "", f"<= {high:.6g}" if high < np.inf else "") if t)
        print(f"{'ok    ' if ok else 'MISSED'}  {what}: {value:.6g}{unit} (wanted {wanted})")
        if not ok:
            missed.append(what)

    print(f"{len(w)} proposals in {path}, {len(real['age'])} real mixes")
    bar("proposals", len(w), "", low=500, high=500)
    bar("cells that are not finite", sum(int((~np.isfinite(v)).sum()) for v in s.values()), "", high=0)
    for name, worst in violations(s).items():
        bar(f"worst violation of {name}", worst, "", high=TOLERANCE)

    model = GradientBoostingRegressor(n_estimators=500, max_depth=4, learning_rate=0.1, subsample=0.8, random_state=0)
    x, y = matrix(real, inputs), real[STRENGTH]
    error = cross_val_predict(model, x, y, cv=KFold(5, shuffle=True, random_state=0)) - y
    print(f"        the regressor's own error on mixes it has not seen (5 folds): {np.sqrt((error**2).mean()):.2f} MPa")
    believed = model.fit(x, y).predict(matrix(s, inputs))
    print(f"        believed strength: median {weighted_median(believed, w):.1f} MPa, lowest {believed.min():.1f} MPa")
    bar("share believed to reach 50 MPa", (w * (believed >= 50)).sum(), "", low=0.90)

    strong = (real["age"] == 28) & (real[STRENGTH] >= 55)
    before, after = np.median(total(real, CO2)[strong]), weighted_median(total(s, CO2), w)
    print(f"        CO2 of {strong.sum()} real mixes of 28 days and 55 MPa: median {before:.0f} kg/m³")
    bar("median CO2 of the proposals", after, f" kg/m³, {100 * (1 - after / before):.0f} % less", high=0.85 * before)

    std = matrix(real, columns).std(axis=0)
    points, data = matrix(s, columns) / std, matrix(real, columns) / std
    own = np.quantile(nearest(data, data, skip_self=True), 0.9)
    distance = weighted_median(nearest(points, data), w)
    print(f"        nearest other mix of each real one: 90th percentile {own:.3f} standard deviations")
    bar("median distance to the nearest real mix", distance, "", low=0.15 * own, high=1.5 * own)

    if missed:
        print("judged: missed " + ", ".join(missed))
        return 1
    print("judged: every bar is met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
