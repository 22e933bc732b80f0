"""PyTorch's side of `npm run bench:parity`: what a Unet of smp computes from given weights and a given batch.

usage: parity.py JOB      JOB is the JSON that bench/parity/main.ts makes
needs: torch, segmentation-models-pytorch, safetensors (README.md). Exit code 2 if they are missing.
Everything is computed twice: in double precision, which is the truth, and in single precision, to show what rounding alone
does. Writes the tensors of the truth and all other numbers into the job's folder (bench/parity/protocol.ts).
"""
import json
import os
import sys

try:
    import numpy as np
    import torch
    from safetensors.torch import load_file, save_file
    from smp_import import smp
except ImportError as missing:
    sys.stderr.write(f"{sys.executable}: {missing}\n")
    sys.exit(2)

job = json.loads(sys.argv[1])
recipe, files = job["recipe"], job["files"]


def place(name: str) -> str:
    return os.path.join(job["dir"], files[name])


first = load_file(place("weights"))
pixels = torch.from_numpy(np.load(place("images"))).permute(0, 3, 1, 2)
masks = torch.from_numpy(np.load(place("masks"))).long()
optimizers = {
    "adam": lambda weights: torch.optim.Adam(weights, recipe["adam"]["rate"]),
    "adamw": lambda weights: torch.optim.AdamW(
        weights, recipe["adamw"]["rate"], weight_decay=recipe["adamw"]["decay"]
    ),
    "sgd": lambda weights: torch.optim.SGD(
        weights, recipe["sgd"]["rate"], momentum=recipe["sgd"]["momentum"], nesterov=True
    ),
}


def found_in(dtype: torch.dtype):
    """(tensors, numbers) of one precision."""
    column = lambda values: torch.tensor(values, dtype=dtype)[:, None, None]
    normal = job["normalisation"]
    images = (pixels.to(dtype) * normal["scale"] - column(normal["mean"])) / column(normal["std"])
    dice = smp.losses.DiceLoss("multiclass", ignore_index=job["ignore"])

    def network():
        model = smp.Unet(
            job["encoder"],
            encoder_weights=None,
            in_channels=job["channels"],
            classes=job["classes"],
            decoder_channels=job["decoder"],
        )
        model.load_state_dict(first, strict=True)
        return model.to(dtype)

    def loss_of(logits):
        ce = torch.nn.functional.cross_entropy(logits, masks, ignore_index=job["ignore"])
        return recipe["ce"] * ce + recipe["dice"] * dice(logits, masks)

    tensors = {}

    def keep(name, tensor):
        tensors[name] = tensor.detach().clone().contiguous()

    model = network().eval()
    with torch.no_grad():
        logits = model(images)
        keep("logits/eval", logits.permute(0, 2, 3, 1))
        numbers = {"evalLoss": loss_of(logits).item()}
    for name, make in optimizers.items():
        model = network().train()
        optimizer = make(model.parameters())
        losses = []
        for step in range(1 if name == "adamw" else recipe["steps"]):
            optimizer.zero_grad()
            logits = model(images)
            loss = loss_of(logits)
            loss.backward()
            if name == "adam" and step == 0:
                keep("logits/train", logits.permute(0, 2, 3, 1))
                for key, parameter in model.named_parameters():
                    keep(f"gradient/{key}", parameter.grad)
            optimizer.step()
            losses.append(loss.item())
            if step == 0:
                for key, parameter in model.named_parameters():
                    keep(f"{name}/{key}", parameter)
            if name == "adam" and step == 0:
                for key, buffer in model.named_buffers():
                    if "running_" in key:
                        keep(f"statistics/{key}", buffer)
        if name != "adamw":
            numbers[name] = losses
    return tensors, numbers


truth, double = found_in(torch.float64)
rounded, single = found_in(torch.float32)
apart = {}
for name, tensor in truth.items():
    norm = tensor.norm().item()
    apart[name] = (rounded[name].double() - tensor).norm().item() / (norm if norm > 0 else 1)
save_file({name: tensor.float() for name, tensor in truth.items()}, place("tensors"))
what = f"torch {torch.__version__}, smp {smp.__version__}"
with open(place("numbers"), "w") as out:
    json.dump({"what": what, "double": double, "single": single, "apart": apart}, out)
