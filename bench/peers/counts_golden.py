"""How many trained numbers networks of real smp have, for test/nn/unet.test.ts.

usage: counts_golden.py OUT.json        needs: torch, segmentation-models-pytorch
"""
import itertools
import json
import sys

import torch
from smp_import import smp

DECODERS = [(256, 128, 64, 32, 16), (64, 48, 32, 16, 8)]

if __name__ == "__main__":
    counts = []
    cases = itertools.product(("resnet18", "resnet34", "resnet50"), (1, 3, 4), (1, 3, 6, 7, 8), DECODERS)
    with torch.device("meta"):  # shapes alone: no memory, no initial values
        for encoder, channels, classes, decoder in cases:
            model = smp.Unet(
                encoder, encoder_weights=None, in_channels=channels, classes=classes, decoder_channels=decoder
            )
            parameters = sum(parameter.numel() for parameter in model.parameters())
            case = {"encoder": encoder, "channels": channels, "classes": classes, "decoder": decoder}
            counts.append(case | {"parameters": parameters})
    with open(sys.argv[1], "w") as out:
        made = {"made_by": "bench/peers/counts_golden.py", "smp": smp.__version__, "counts": counts}
        json.dump(made, out, separators=(",", ":"))
        out.write("\n")
