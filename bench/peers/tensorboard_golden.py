"""An event file of the real tensorboard package, for test/formats/tensorboard.test.ts.

usage: tensorboard_golden.py OUT.json        needs tensorboard

The records come from the package's own messages and its own writer of records. OUT.json holds what was written, event by
event, and the file's bytes in base64.
"""
import base64
import io
import json
import sys

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

EVENTS = [
    {"time": 1764000000.25, "version": "brain.Event:2"},
    {"time": 1764000001.5, "restart": 12},
    {"time": 1764000002.0, "step": 13, "scalars": {"loss/train": 0.1, "learning_rate": 1e-6}},
    {"time": 1764000002.125, "step": 3_000_000_000, "scalars": {"loss/train": -2.5}},
    {"time": 0.0, "step": 0, "scalars": {"iou/val": 0.0, "größe": 1e30}},
]


def message(event):
    made = event_pb2.Event(wall_time=event["time"], step=event.get("step", event.get("restart", 0)))
    if "version" in event:
        made.file_version = event["version"]
    elif "restart" in event:
        made.session_log.status = event_pb2.SessionLog.START
    else:
        values = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in event["scalars"].items()]
        made.summary.CopyFrom(summary_pb2.Summary(value=values))
    return made


if __name__ == "__main__":
    file = io.BytesIO()
    writer = RecordWriter(file)
    for event in EVENTS:
        writer.write(message(event).SerializeToString())
    written = {"events": EVENTS, "file": base64.b64encode(file.getvalue()).decode()}
    with open(sys.argv[1], "w") as out:
        json.dump(written, out, indent=2)
        out.write("\n")
