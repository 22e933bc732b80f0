"""Writes what smp makes of a first convolution of three channels for other numbers of channels.

usage: patch_first_conv_golden.py OUT.json
needs: torch, segmentation-models-pytorch (README.md)
The filters are small exact binary fractions and some that are not, so that rounding shows.
"""
import json
import sys

import torch
from smp_import import smp
from segmentation_models_pytorch.encoders._utils import patch_first_conv

torch.manual_seed(5)
filters = torch.randn(4, 3, 3, 3)
found = {}
for channels in (1, 2, 4, 6, 9):
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, bias=False))
    model[0].weight = torch.nn.Parameter(filters.clone())
    patch_first_conv(model, channels, pretrained=True)
    found[str(channels)] = {"shape": list(model[0].weight.shape), "values": model[0].weight.detach().flatten().tolist()}
made_with = {"torch": torch.__version__, "smp": smp.__version__}
golden = {"made_with": made_with, "filters": {"shape": list(filters.shape), "values": filters.flatten().tolist()}, "patched": found}
with open(sys.argv[1], "w") as file:
    json.dump(golden, file)
    file.write("\n")
