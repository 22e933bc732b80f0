"""PyTorch's side of `npm run bench:recipe`: trains smp.Unet on the shards of ers, as the published recipe does.

usage: torch_recipe.py [JOB]  JOB is the JSON of bench/recipe/torch-side.ts: {shards, params, threads, weights}
needs: torch, segmentation-models-pytorch, safetensors (README.md). Exit code 2 if they are missing.
Prints JSON lines: `epoch` for each, `trained`, `tested`. With `weights` (a model.safetensors of ers) it only tests
them. Without JOB it says what it would compute with.
"""
import copy
import io
import json
import os
import sys
import tarfile

try:
    import numpy as np
    import torch
    from safetensors.torch import load_file
    from smp_import import smp
except ImportError as missing:
    sys.stderr.write(f"{sys.executable}: {missing}\n")
    sys.exit(2)


def say(**line) -> None:
    print(json.dumps(line), flush=True)


if len(sys.argv) == 1:
    say(type="ready", what=f"torch {torch.__version__}, smp {smp.__version__}")
    sys.exit(0)
job = json.loads(sys.argv[1])
params = job["params"]
torch.set_num_threads(job["threads"])


class Shards:
    """All samples of a set, in memory. Pixels are N×H×W×3 bytes: seen as N×3×H×W they are channels_last already."""

    def __init__(self, name: str) -> None:
        folder = os.path.join(job["shards"], name)
        with open(os.path.join(folder, "dataset.json")) as file:
            self.info = json.load(file)
        images, masks = [], []
        for shard in self.info["shards"]:
            with tarfile.open(os.path.join(folder, shard["file"])) as tar:
                for member in tar:
                    kind = member.name.split(".", 1)[1]
                    if kind != "json":
                        array = np.load(io.BytesIO(tar.extractfile(member).read()))
                        (images if kind == "image.npy" else masks).append(torch.from_numpy(array))
        self.images, self.masks = torch.stack(images), torch.stack(masks)
        self.classes = sum(each["train"] is not None for each in self.info["classes"])

    def batches(self, order: torch.Tensor):
        for places in order.split(params["train"]["batch_size"]):
            yield normalised(self.images[places]), self.masks[places].long()

    def in_order(self):
        return self.batches(torch.arange(len(self.images)))


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    images = pixels.permute(0, 3, 1, 2).float() / 255
    if params["model"]["normalisation"] == "unit":
        return images
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return (images - mean[:, None, None]) / std[:, None, None]


def only(name: str, found, known) -> None:
    if found != known:
        sys.exit(f"{name} is {found}; this script knows only {known}")


def network(classes: int) -> torch.nn.Module:
    model = params["model"]
    only("model.architecture", model["architecture"], "unet")
    net = smp.Unet(
        model["encoder_name"],
        encoder_weights=None,
        decoder_channels=model["decoder_channels"],
        classes=classes,
    )
    return net.to(memory_format=torch.channels_last)


def evaluate(net: torch.nn.Module, shards: Shards, objective) -> tuple[float, float]:
    """Loss (mean of the batches', by their size, as Lightning's) and micro-imagewise IoU (exact mean over images)."""
    ignore = shards.info["ignore"]
    net.eval()
    loss, iou = 0.0, 0.0
    with torch.inference_mode():
        for images, truth in shards.in_order():
            logits = net(images)
            counts = smp.metrics.get_stats(
                logits.argmax(1), truth, mode="multiclass", num_classes=shards.classes, ignore_index=ignore
            )
            iou += smp.metrics.iou_score(*counts, reduction="micro-imagewise").item() * len(images)
            loss += objective(logits, truth).item() * len(images)
    net.train()
    return loss / len(shards.images), iou / len(shards.images)


def objective_of(ignore: int):
    weights = {name: weight for name, weight in params["loss"].items() if name in ("ce", "dice")}
    for name in ("focal", "jaccard", "tversky", "lovasz"):
        only(f"loss.{name}", params["loss"][name], 0)
    only("loss.class_weights", params["loss"]["class_weights"], None)
    cross_entropy = torch.nn.CrossEntropyLoss(ignore_index=ignore)
    dice = smp.losses.DiceLoss("multiclass", ignore_index=ignore)
    return lambda logits, truth: weights["ce"] * cross_entropy(logits, truth) + weights["dice"] * dice(logits, truth)


def train(net: torch.nn.Module, objective, generator: torch.Generator) -> dict:
    """The best weights by val IoU. Ends after `patience` epochs without a lower val loss."""
    optimizer_params, schedule, settings = params["optimizer"], params["schedule"], params["train"]
    only("optimizer.name", optimizer_params["name"], "adam")
    only("optimizer.weight_decay", optimizer_params["weight_decay"], 0)
    only("schedule.name", schedule["name"], "cosine_annealing")
    only("schedule.warmup_epochs", schedule["warmup_epochs"], 0)
    only("optimizer.clip_norm", optimizer_params["clip_norm"], None)
    only("train.accumulate", settings["accumulate"], 1)
    only("train.ema", settings["ema"], None)
    shards, val = Shards("train"), Shards("val")
    optimizer = torch.optim.Adam(net.parameters(), optimizer_params["lr"])
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, schedule["T_max"], schedule["eta_min"])
    best_iou, best, lowest, waited = -1.0, {}, float("inf"), 0
    net.train()
    for epoch in range(1, settings["max_epochs"] + 1):
        total = 0.0
        for images, truth in shards.batches(torch.randperm(len(shards.images), generator=generator)):
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=settings["precision"] == "bf16"):
                logits = net(images)
            loss = objective(logits.float(), truth)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(images)
        scheduler.step()
        val_loss, val_iou = evaluate(net, val, objective)
        say(type="epoch", epoch=epoch, trainLoss=total / len(shards.images), valLoss=val_loss, valIou=val_iou)
        if val_iou > best_iou:
            best_iou, best = val_iou, copy.deepcopy(net.state_dict())
        lowest, waited = (val_loss, 0) if val_loss < lowest else (lowest, waited + 1)
        if waited >= settings["patience"]:
            break
    return best


def main() -> None:
    seed = params["train"]["seed"]
    torch.manual_seed(seed)
    test = Shards("test")
    net = network(test.classes)
    objective = objective_of(test.info["ignore"])
    if job["weights"] is None:
        best = train(net, objective, torch.Generator().manual_seed(seed))
        say(type="trained")
    else:
        best = load_file(job["weights"])
    net.load_state_dict(best, strict=True)
    say(type="tested", testIou=evaluate(net, test, objective)[1])


main()
