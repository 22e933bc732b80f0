"""PyTorch's side of `npm run bench:train`: a training step or a prediction of smp.Unet, timed on request.

usage: torch_step.py JOB      JOB is the JSON that bench/train/main.ts makes
needs: torch, segmentation-models-pytorch, safetensors (README.md). Exit code 2 if they are missing.
Speaks bench/train/protocol.ts on stdin and stdout.
"""
import base64
import json
import os
import resource
import sys
import time

try:
    import numpy as np
    import torch
    from safetensors.torch import load_file
    from smp_import import smp
except ImportError as missing:
    sys.stderr.write(f"{sys.executable}: {missing}\n")
    sys.exit(2)

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])


def array(name: str) -> torch.Tensor:
    return torch.from_numpy(np.load(os.path.join(job["dir"], job["files"][name])))


first = load_file(os.path.join(job["dir"], job["files"]["weights"]))
model = smp.Unet(job["encoder"], encoder_weights=None, classes=job["classes"])
model.load_state_dict(first, strict=True)
forward_only = job["work"] == "forward"
model = model.to(memory_format=torch.channels_last).train(not forward_only)
pixels = array("images")  # N×H×W×3 bytes: seen as N×3×H×W this is channels_last already
masks = array("masks")
std = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
factor = 1 / 255 / std
offset = -torch.tensor([0.485, 0.456, 0.406])[:, None, None] / std
cross_entropy = torch.nn.CrossEntropyLoss(ignore_index=job["ignore"])
dice = smp.losses.DiceLoss("multiclass", ignore_index=job["ignore"])
optimizer = torch.optim.Adam(model.parameters(), job["rate"])


predicted = torch.empty(0, dtype=torch.uint8)


def normalised() -> torch.Tensor:
    return pixels.permute(0, 3, 1, 2).float() * factor + offset


def predict() -> None:
    global predicted
    with torch.inference_mode():
        predicted = model(normalised()).argmax(1).to(torch.uint8)


def step() -> float:
    images = normalised()
    truth = masks.long()
    optimizer.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=job["precision"] == "bf16"):
        logits = model(images)
    logits = logits.float()
    loss = job["ce"] * cross_entropy(logits, truth) + job["dice"] * dice(logits, truth)
    loss.backward()
    optimizer.step()
    return loss.item()


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(count: int) -> dict:
    seconds, losses = [], []
    used = cpu_seconds()
    for _ in range(count):
        began = time.perf_counter()
        if forward_only:
            predict()
        else:
            losses.append(step())
        seconds.append(time.perf_counter() - began)
    used = cpu_seconds() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB
    return {"seconds": seconds, "losses": losses, "cpu": used, "peak": peak}


def moved() -> dict:
    with torch.no_grad():
        largest = [(p - first[name]).abs().max().item() for name, p in model.named_parameters()]
    return {"largest": max(largest), "unchanged": largest.count(0.0), "parameters": len(largest)}


def answer(value: dict) -> None:
    print(json.dumps(value), flush=True)


answer({"what": f"torch {torch.__version__}, smp {smp.__version__}", "threads": torch.get_num_threads()})
for line in sys.stdin:
    order, *rest = line.split()
    if order == "steps":
        answer(timed(int(rest[0])))
    elif order == "moved":
        answer(moved())
    elif order == "classes":
        answer({"classes": base64.b64encode(predicted.numpy().tobytes()).decode()})
    elif order == "stop":
        break
    else:
        sys.exit(f"unknown order: {line}")
