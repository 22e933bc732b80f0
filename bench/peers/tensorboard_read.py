"""All scalars of a folder of event files, as the real tensorboard package reads them, for test/stages/train.

usage: tensorboard_read.py FOLDER        needs tensorboard

Prints JSON: for each tag its points as [step, value, time], in the order in which TensorBoard holds them, without the
thinning that TensorBoard would do.
"""
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

if __name__ == "__main__":
    run = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
    run.Reload()
    tags = run.Tags()["scalars"]
    points = {tag: [[point.step, point.value, point.wall_time] for point in run.Scalars(tag)] for tag in tags}
    print(json.dumps(points))
