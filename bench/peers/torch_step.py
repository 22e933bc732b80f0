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
    from torch.utils.flop_counter import FlopCounterMode
    from smp_import import smp
except ImportError as missing:
    sys.stderr.write(f"{sys.executable}: {missing}\n")
    sys.exit(2)

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
device = "cuda" if job["device"] == "gpu" else "cpu"
if device == "cuda" and not torch.cuda.is_available():
    sys.stderr.write(f"{sys.executable}: torch {torch.__version__} sees no GPU\n")
    sys.exit(2)


def array(name: str) -> torch.Tensor:
    values = torch.from_numpy(np.load(os.path.join(job["dir"], job["files"][name])))
    return values.pin_memory() if device == "cuda" else values


first = load_file(os.path.join(job["dir"], job["files"]["weights"]))
model = smp.Unet(job["encoder"], encoder_weights=None, classes=job["classes"])
model.load_state_dict(first, strict=True)
forward_only = job["work"] == "forward"
model = model.to(device, memory_format=torch.channels_last).train(not forward_only)
pixels = array("images")  # N×H×W×3 bytes: seen as N×3×H×W this is channels_last already
masks = array("masks")
std = torch.tensor([0.229, 0.224, 0.225], device=device)[:, None, None]
factor = 1 / 255 / std
offset = -torch.tensor([0.485, 0.456, 0.406], device=device)[:, None, None] / std
cross_entropy = torch.nn.CrossEntropyLoss(ignore_index=job["ignore"])
dice = smp.losses.DiceLoss("multiclass", ignore_index=job["ignore"])
optimizer = torch.optim.Adam(model.parameters(), job["rate"])


predicted = torch.empty(0, dtype=torch.uint8)


def normalised() -> torch.Tensor:
    return pixels.to(device, non_blocking=True).permute(0, 3, 1, 2).float() * factor + offset


def predict() -> None:
    global predicted
    with torch.inference_mode():
        predicted = model(normalised()).argmax(1).to(torch.uint8).cpu()


def step() -> float:
    images = normalised()
    truth = masks.to(device, non_blocking=True).long()
    optimizer.zero_grad()
    with torch.autocast(device, torch.bfloat16, enabled=job["precision"] == "bf16"):
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
        largest = [(p.cpu() - first[name]).abs().max().item() for name, p in model.named_parameters()]
    return {"largest": max(largest), "unchanged": largest.count(0.0), "parameters": len(largest)}


def best_matmul(size: int, dtype: torch.dtype) -> float:
    """Floating-point operations a second of a square matrix product, the fastest of 20."""
    a, b = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    fastest = float("inf")
    for attempt in range(23):
        began = time.perf_counter()
        a @ b
        if device == "cuda":
            torch.cuda.synchronize()
        if attempt >= 3:
            fastest = min(fastest, time.perf_counter() - began)
    return 2 * size**3 / fastest


def arithmetic() -> dict:
    """How much a step computes, by PyTorch's count, beside what the device is able to. Takes a step."""
    torch.backends.cuda.matmul.allow_tf32 = True  # as its convolutions do by default, and TensorFlow everything
    with FlopCounterMode(display=False) as counter:
        step()
    dtype = torch.bfloat16 if job["precision"] == "bf16" else torch.float32
    peak = best_matmul(8192 if device == "cuda" else 1024, dtype)
    return {"step": counter.get_total_flops(), "peak": peak}


def answer(value: dict) -> None:
    print(json.dumps(value), flush=True)


answer(
    {
        "what": f"torch {torch.__version__}, smp {smp.__version__}",
        "threads": torch.get_num_threads(),
        "device": job["device"],
    }
)
for line in sys.stdin:
    order, *rest = line.split()
    if order == "steps":
        answer(timed(int(rest[0])))
    elif order == "moved":
        answer(moved())
    elif order == "arithmetic":
        answer(arithmetic())
    elif order == "classes":
        answer({"classes": base64.b64encode(predicted.numpy().tobytes()).decode()})
    elif order == "stop":
        break
    else:
        sys.exit(f"unknown order: {line}")
