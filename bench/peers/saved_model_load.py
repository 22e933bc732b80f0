"""Loads a packaged model with Python's tf.saved_model.load and compares it with what ers says of the same images.

usage: saved_model_load.py MODEL_DIR IMAGES.npy LOGITS.npy CLASSES.npy
       MODEL_DIR: what the package stage made; IMAGES: N×H×W×channels uint8; LOGITS (N×H×W×C float32) and CLASSES
       (N×H×W uint8, train indices) are what ers made of them
needs: tensorflow or tensorflow-cpu 2.21 (README.md). Exit code 2 if it is missing.
Prints one line of JSON.
"""
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
try:
    import numpy as np
    import tensorflow as tf
except ImportError as missing:
    sys.stderr.write(f"{sys.executable}: {missing}\n")
    sys.exit(2)

folder, images_file, logits_file, classes_file = sys.argv[1:]
described = json.loads(pathlib.Path(folder, "model.json").read_text())
trained = sorted((c for c in described["classes"] if c["train"] is not None), key=lambda c: c["train"])
values = np.array([c["value"] for c in trained], dtype=np.uint8)

model = tf.saved_model.load(str(pathlib.Path(folder, "saved_model")))
serve = model.signatures["serving_default"]
images, logits, classes = (np.load(file) for file in (images_file, logits_file, classes_file))
found = serve(images=tf.constant(images))
one = serve(images=tf.constant(images[:1]))
differences = np.abs(found["logits"].numpy() - logits)
print(
    json.dumps(
        {
            "tensorflow": tf.__version__,
            "inputs": {k: [str(v.shape), v.dtype.name] for k, v in serve.structured_input_signature[1].items()},
            "outputs": {k: [str(v.shape), v.dtype.name] for k, v in serve.structured_outputs.items()},
            "largest_logit": float(np.abs(logits).max()),
            "largest_difference": float(differences.max()),
            "one_alone": float(np.abs(one["logits"].numpy() - found["logits"].numpy()[:1]).max()),
            "sums_to_one": bool(np.allclose(found["probabilities"].numpy().sum(-1), 1, atol=1e-5)),
            "classes_seen": len(np.unique(classes)),
            "different_pixels": int((found["classes"].numpy() != values[classes]).sum()),
        }
    )
)
