"""Write a denoising network as ONNX together with vectors that prove the import.

    from abide_export import export_torch, export_jax
    export_torch(module, x, t, "net.onnx")      # module(x, t) -> like x
    export_jax(function, x, t, "net.onnx")      # function(x, t) -> like x

x [n, ...] and t [n] are examples: noisy points and the times that belong to them, in
the network's own units. Beside net.onnx stands net.vectors.npz:

    x, t            the examples
    out             what the source framework computes
    cotangent       random numbers c of the shape of out
    grad            d<c, out>/dx, by the source framework's differentiation
    trace           for each operator of the graph, sum and sum of sizes of its first
                    output by ONNX's reference evaluator: names the first that differs
    data            rows of data in the network's units, where given (`data=`): with them
                    abide checks that the network denoises as the spec says

abide compares them before it uses the network: out to 1e-5, grad to 1e-4.

Needs numpy and onnx, and torch (with onnxscript for exporter="dynamo") or jax with
jax2onnx. Networks are exported for inference, with a free batch axis.
"""

import os

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator


def export_torch(module, x, t, path, exporter="dynamo", data=None, opset=18):
    """Export torch.nn.Module; exporter is "dynamo" (the current one) or "classic"."""
    import torch

    module = module.eval()
    x, t = torch.as_tensor(x), torch.as_tensor(t)
    if exporter == "classic":
        torch.onnx.export(module, (x, t), path, input_names=["x", "t"], output_names=["out"], opset_version=opset,
                          dynamic_axes={"x": {0: "n"}, "t": {0: "n"}, "out": {0: "n"}}, dynamo=False)
    else:
        n = torch.export.Dim("n", min=1)
        torch.onnx.export(module, (x, t), path, input_names=["x", "t"], output_names=["out"], opset_version=opset,
                          dynamic_shapes=({0: n}, {0: n}), dynamo=True, external_data=False, verbose=False)
    strip(path)

    def run(c):
        z = x.clone().requires_grad_(True)
        out = module(z, t)
        (grad,) = torch.autograd.grad((out * torch.as_tensor(c)).sum(), z)
        return out.detach().numpy(), grad.numpy()

    with torch.no_grad():
        c = cotangent(module(x, t).shape)
    write_vectors(path, x.numpy(), t.numpy(), c, *run(c), data)


def export_jax(function, x, t, path, data=None, opset=18):
    """Export a jax function of (x, t)."""
    import jax
    import jax.numpy as jnp
    from jax2onnx import to_onnx

    x, t = np.asarray(x), np.asarray(t)
    shapes = [("n",) + x.shape[1:], ("n",)]
    model = to_onnx(function, shapes, model_name="net", opset=opset)
    onnx.save(model, path)
    strip(path)
    out, vjp = jax.vjp(lambda z: function(z, jnp.asarray(t)), jnp.asarray(x))
    c = cotangent(out.shape)
    write_vectors(path, x, t, c, np.asarray(out), np.asarray(vjp(jnp.asarray(c))[0]), data)


def cotangent(shape):
    return np.random.default_rng(1).standard_normal(tuple(shape)).astype(np.float32)


def strip(path):
    """Drop what only people read (doc strings, source locations): half of the file."""
    model = onnx.load(path)
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    model.doc_string = model.graph.doc_string = ""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    del model.graph.value_info[:]
    for value in list(model.graph.input) + list(model.graph.output):
        value.doc_string = ""
        del value.metadata_props[:]
    onnx.checker.check_model(model)
    onnx.save(model, path)


def write_vectors(path, x, t, cotangent, out, grad, data=None):
    """Write the vectors of a network exported by whatever means."""
    arrays = dict(x=x, t=t, out=out, cotangent=cotangent, grad=grad, trace=trace(path, x, t))
    if data is not None:
        arrays["data"] = np.asarray(data, np.float32)
    np.savez_compressed(os.path.splitext(path)[0] + ".vectors.npz", **arrays)


def trace(path, x, t):
    """Sum and sum of absolute values of every operator's first output; NaN for those
    that are no float tensors, and for all where the reference evaluator fails, as it
    does for some operators that runtimes know."""
    model = onnx.load(path)
    del model.graph.output[:]
    for node in model.graph.node:
        model.graph.output.append(onnx.ValueInfoProto(name=node.output[0]))
    names = [i.name for i in model.graph.input if i.name not in {w.name for w in model.graph.initializer}]
    sums = np.full((len(model.graph.node), 2), np.nan)
    try:
        values = ReferenceEvaluator(model).run(None, dict(zip(names, (x, t))))
    except Exception as e:
        print(f"{path}: no trace of the operators: {type(e).__name__}: {str(e)[:100]}")
        return sums.astype(np.float32)
    for k, v in enumerate(values):
        if isinstance(v, np.ndarray) and v.dtype in (np.float32, np.float64):
            sums[k] = v.sum(dtype=np.float64), np.abs(v).sum(dtype=np.float64)
    return sums.astype(np.float32)
