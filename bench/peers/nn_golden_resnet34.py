"""The numbers of nn_golden.py for the recipe's own encoder, resnet34, in a small file for test/nn/parity-resnet34.test.ts.

usage: nn_golden_resnet34.py OUT.json        needs what nn_golden.py needs

Of the logits every 8th pixel in both directions is kept, and neither names nor shapes: the formula needs only the order
of the parameters, and the test compares each tensor by its name. PyTorch computes in double precision here too.
"""
import json
import sys

import nn_golden as golden
import torch

KEPT = 8
STEP = 4  # nn_golden keeps every 4th


def thinned(logits: list) -> list:
    side = golden.SIZE // STEP
    kept = torch.tensor(logits, dtype=torch.float64).reshape(golden.BATCH, side, side, golden.CLASSES)
    return kept[:, :: KEPT // STEP, :: KEPT // STEP].reshape(-1).tolist()


if __name__ == "__main__":
    torch.manual_seed(0)
    found = golden.case("resnet34")
    for dropped in ("names", "shapes"):
        del found[dropped]
    for mode in ("eval", "train"):
        found[mode]["logits"] = thinned(found[mode]["logits"])
    result = {
        "made_by": "bench/peers/nn_golden_resnet34.py",
        "torch": torch.__version__,
        "smp": golden.smp.__version__,
        "size": golden.SIZE,
        "batch": golden.BATCH,
        "classes": golden.CLASSES,
        "ignore": golden.IGNORE,
        "rate": golden.RATE,
        "decoder": list(golden.DECODER),
        "every": KEPT,
        **found,
    }
    with open(sys.argv[1], "w") as out:
        json.dump(golden.rounded(result), out, separators=(",", ":"))
        out.write("\n")
