"""Loads a model folder of ers into the real smp.Unet and compares its predictions with those of ers.

usage: smp_load.py MODEL_DIR IMAGES.npy LOGITS.npy CLASSES.npy
       IMAGES: N×H×W×channels uint8; LOGITS (N×H×W×C float32) and CLASSES (N×H×W uint8) are what ers made of them
needs: torch, segmentation-models-pytorch, safetensors (README.md). Exit code 2 if they are missing.
Prints one line of JSON. `strict` loading throws on any key that is missing, unknown or of another shape.
"""
import json
import pathlib
import sys

try:
    import numpy as np
    import torch
    from safetensors.torch import load_file
    from smp_import import smp
except ImportError as missing:
    sys.stderr.write(f"{sys.executable}: {missing}\n")
    sys.exit(2)

folder, images_file, logits_file, classes_file = sys.argv[1:]
described = json.loads(pathlib.Path(folder, "model.json").read_text())
how = described["architecture"]
model = smp.Unet(
    how["encoder_name"],
    encoder_depth=how["encoder_depth"],
    encoder_weights=None,
    decoder_channels=how["decoder_channels"],
    in_channels=how["in_channels"],
    classes=how["classes"],
)
weights = load_file(pathlib.Path(folder, "model.safetensors"))
model.load_state_dict(weights, strict=True)
model = model.double().eval()  # so that the difference that is seen is that of ers

pixels = torch.from_numpy(np.load(images_file)).permute(0, 3, 1, 2).double()
normal = {name: torch.tensor(values, dtype=torch.float64)[:, None, None] for name, values in described["normalisation"].items() if name != "scale"}
with torch.no_grad():
    logits = model((pixels * described["normalisation"]["scale"] - normal["mean"]) / normal["std"])
logits = logits.permute(0, 2, 3, 1).numpy()
ours, classes = np.load(logits_file), np.load(classes_file)
assert logits.shape == ours.shape and classes.shape == logits.shape[:3], (logits.shape, ours.shape, classes.shape)
print(
    json.dumps(
        {
            "torch": torch.__version__,
            "smp": smp.__version__,
            "keys": len(weights),
            "num_batches_tracked": sorted({int(v) for k, v in weights.items() if k.endswith("num_batches_tracked")}),
            "trained": sum(p.numel() for p in model.parameters()),
            "largest_logit": float(np.abs(logits).max()),
            "largest_difference": float(np.abs(logits - ours).max()),
            "pixels": int(classes.size),
            "classes_seen": len(np.unique(classes)),
            "different_pixels": int((logits.argmax(3) != classes).sum()),
        }
    )
)
