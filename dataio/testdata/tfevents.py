"""Writes tfevents.golden with TensorBoard's own writer (tensorboard 2.21.0).

    python3 tfevents.py
"""
import pathlib

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

with open(pathlib.Path(__file__).parent / "tfevents.golden", "wb") as f:
    out = RecordWriter(f)
    out.write(event_pb2.Event(wall_time=1764000000.25, file_version="brain.Event:2").SerializeToString())
    for step, wall, values in [
        (0, 1764000000.5, {"loss/training": 1.5}),
        (250, 1764000001.0, {"loss/training": 0.75, "loss/held-out": 0.8125, "learning rate": 1e-3}),
        (20000, 1764000900.125, {"loss/training": 0.0, "loss/held-out": float("inf"), "größe": -3.25}),
    ]:
        summary = summary_pb2.Summary(
            value=[summary_pb2.Summary.Value(tag=t, simple_value=v) for t, v in values.items()])
        out.write(event_pb2.Event(wall_time=wall, step=step, summary=summary).SerializeToString())
