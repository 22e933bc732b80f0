"""Scores of real smp for test/nn/metrics/golden.test.ts.

usage: metrics_golden.py OUT.json        needs what nn_golden.py needs

Labels and predictions come from the formula of nn_golden.py (`mixed`): 4 images of 8x6 pixels and 5 classes; one pixel in
eight is ignored. Class 4 is nowhere; class 3 is predicted but never labelled; image 1 holds classes 0 and 1 only; image 2
is ignored as a whole. Every metric of smp, in every reduction, with `zero_division` 1 and 0; NaN and infinity as strings.
"""
import json
import math
import sys

import nn_golden as golden
import numpy as np
import torch

metrics = golden.smp.metrics
IMAGES, HEIGHT, WIDTH, CLASSES, IGNORE = 4, 8, 6, 5, 255
WEIGHTS = [0.5, 2.0, 1.0, 0.0, 3.0]
NAMES = """iou_score f1_score accuracy precision recall specificity balanced_accuracy negative_predictive_value
false_negative_rate false_positive_rate false_discovery_rate false_omission_rate positive_likelihood_ratio
negative_likelihood_ratio""".split()
REDUCTIONS = ["micro", "macro", "weighted", "micro-imagewise", "macro-imagewise", "weighted-imagewise"]


def said(value):
    if isinstance(value, list):
        return [said(inner) for inner in value]
    return value if math.isfinite(value) else str(value)


def scores(function, stats, **given):
    found = {}
    for reduction in REDUCTIONS:
        weights = WEIGHTS if reduction.startswith("weighted") else None
        found[reduction] = {
            str(zero): said(function(*stats, reduction=reduction, class_weights=weights, zero_division=zero, **given).item())
            for zero in (1, 0)
        }
    return found


if __name__ == "__main__":
    shape, pixels = (IMAGES, HEIGHT, WIDTH), IMAGES * HEIGHT * WIDTH
    draws = (golden.mixed(71, pixels) >> np.uint64(29)).astype(np.int64)
    labels = np.where(draws == 7, IGNORE, draws % 3).reshape(shape)
    right = (golden.mixed(72, pixels) >> np.uint64(30)).astype(np.int64).reshape(shape) < 2
    guesses = (golden.mixed(73, pixels) >> np.uint64(30)).astype(np.int64).reshape(shape)
    predictions = np.where(right & (labels != IGNORE), labels, guesses)
    labels[1], predictions[1] = labels[1] % 2, predictions[1] % 2
    labels[2] = IGNORE
    stats = metrics.get_stats(
        torch.from_numpy(predictions), torch.from_numpy(labels), mode="multiclass", num_classes=CLASSES, ignore_index=IGNORE
    )
    result = {
        "made_by": "bench/peers/metrics_golden.py",
        "smp": golden.smp.__version__,
        "images": IMAGES,
        "classes": CLASSES,
        "ignore": IGNORE,
        "weights": WEIGHTS,
        "labels": labels.reshape(-1).tolist(),
        "predictions": predictions.reshape(-1).tolist(),
        "stats": {name: values.tolist() for name, values in zip(("tp", "fp", "fn", "tn"), stats)},
        "metrics": {name: scores(getattr(metrics, name), stats) for name in NAMES},
        "f2": scores(metrics.fbeta_score, stats, beta=2.0),
    }
    with open(sys.argv[1], "w") as out:
        json.dump(golden.rounded(result), out, separators=(",", ":"))
        out.write("\n")
