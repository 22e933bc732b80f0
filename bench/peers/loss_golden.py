"""Losses of real smp and PyTorch with their gradients, for test/nn/losses/golden.test.ts.

usage: loss_golden.py OUT.json        needs what nn_golden.py needs

Logits and labels come from the formula of nn_golden.py (`mixed`): 2 images of 6x5 pixels, 5 classes, of which the last
one occurs nowhere, and one pixel in eight is ignored. PyTorch computes in double precision, but for lovasz, whose code
in smp takes single precision only.
"""
import json
import sys

import nn_golden as golden
import numpy as np
import torch

smp = golden.smp
IMAGES, HEIGHT, WIDTH, CLASSES, IGNORE = 2, 6, 5, 5, 255
WEIGHTS = [0.5, 2.0, 1.0, 0.0, 3.0]

if __name__ == "__main__":
    pixels = IMAGES * HEIGHT * WIDTH
    logits = torch.from_numpy(3 * golden.uniform(11, pixels * CLASSES)).reshape(IMAGES, HEIGHT, WIDTH, CLASSES)
    draws = (golden.mixed(12, pixels) >> np.uint64(29)).astype(np.int64)
    masks = torch.from_numpy(np.where(draws == 7, IGNORE, draws % (CLASSES - 1))).reshape(IMAGES, HEIGHT, WIDTH)
    given = {"ignore_index": IGNORE}
    weights = {"class_weights": WEIGHTS}
    losses = smp.losses
    made = {
        "ce": torch.nn.CrossEntropyLoss(**given),
        "ce, class weights": torch.nn.CrossEntropyLoss(torch.tensor(WEIGHTS).double(), **given),
        "dice": losses.DiceLoss("multiclass", **given),
        "dice, class weights": losses.DiceLoss("multiclass", **given, **weights),
        "jaccard": losses.JaccardLoss("multiclass", **given),
        "tversky": losses.TverskyLoss("multiclass", alpha=0.3, beta=0.7, **given),
        "tversky, class weights": losses.TverskyLoss("multiclass", alpha=0.3, beta=0.7, **given, **weights),
        "focal": losses.FocalLoss("multiclass", gamma=2.0, **given),
        "focal, gamma 1.5": losses.FocalLoss("multiclass", gamma=1.5, **given),
        "focal, class weights": losses.FocalLoss("multiclass", gamma=2.0, **given, **weights),
        "lovasz": losses.LovaszLoss("multiclass", **given),
    }
    found = {}
    for name, loss in made.items():
        leaf = (logits.float() if name == "lovasz" else logits.clone()).requires_grad_()
        value = loss(leaf.permute(0, 3, 1, 2), masks)
        value.backward()
        found[name] = {"loss": value.item(), "gradient": leaf.grad.reshape(-1).tolist()}
    result = {
        "made_by": "bench/peers/loss_golden.py",
        "torch": torch.__version__,
        "smp": smp.__version__,
        "images": IMAGES,
        "height": HEIGHT,
        "width": WIDTH,
        "classes": CLASSES,
        "ignore": IGNORE,
        "weights": WEIGHTS,
        "logits": logits.reshape(-1).tolist(),
        "masks": masks.reshape(-1).tolist(),
        "losses": found,
    }
    with open(sys.argv[1], "w") as out:
        json.dump(golden.rounded(result), out, separators=(",", ":"))
        out.write("\n")
