"""PyTorch's side of `npm run bench:parity`: what a Unet of smp computes from given weights and a given batch.

usage: parity.py JOB      JOB is the JSON that bench/parity/main.ts makes
needs: torch, segmentation-models-pytorch, safetensors (README.md). Exit code 2 if they are missing.

The truth is computed in double precision. Beside it stands PyTorch in single precision, to show what rounding alone does.

A ReLU whose input is within rounding of 0 has two right gradients, and a few such pixels among millions move the gradients
of a deep network by percents, in PyTorch's single precision as in ours. So the truth for gradients takes the decisions of
ers (which inputs of each ReLU are positive, which of a max-pool's window is the largest), and how far from 0 an input was
that double precision decides otherwise is reported. Single precision takes the same decisions, so that what it is off by is
rounding. It is computed in both of PyTorch's layouts, gradients on one thread and on several: each way rounds otherwise. A
step of an optimizer is taken from the gradients from which ers took it, so that what is compared is the optimizer alone.
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
    return os.path.join(job["dir"], name)


def images_first(name: str) -> torch.Tensor:
    """An array N×H×W×C of ers as N×C×H×W."""
    return torch.from_numpy(np.load(place(name))).permute(0, 3, 1, 2)


first = load_file(place(files["weights"]))
gradients_of_ers = load_file(place(files["gradients"]))
pixels = images_first(files["images"])
masks = torch.from_numpy(np.load(place(files["masks"]))).long()
optimizers = {
    "adam": lambda weights: torch.optim.Adam(weights, recipe["adam"]["rate"]),
    "adamw": lambda weights: torch.optim.AdamW(
        weights, recipe["adamw"]["rate"], weight_decay=recipe["adamw"]["decay"]
    ),
    "sgd": lambda weights, rate=recipe["sgd"]["rates"][0]: torch.optim.SGD(
        weights, rate, momentum=recipe["sgd"]["momentum"], nesterov=True
    ),
}


class Decisions:
    """Stands for every ReLU and max-pool of a network: the i-th call decides as the i-th of ers did."""

    def __init__(self, step: int):
        self.step = str(step)
        self.calls, self.inputs, self.otherwise, self.farthest = 0, 0, 0, 0.0

    def relu(self, _, x):
        positive = images_first(files["relu"].replace("S", self.step).replace("N", str(self.calls))).bool()
        other = x.detach()[positive != (x > 0)].abs()
        self.calls += 1
        self.inputs += x.numel()
        self.otherwise += other.numel()
        if other.numel() > 0:
            self.farthest = max(self.farthest, (other.max() / x.detach().square().mean().sqrt()).item())
        return x * positive

    def pool(self, module, x):
        seen = images_first(files["pooled"].replace("S", self.step))
        size = module.kernel_size, module.stride, module.padding
        places = torch.nn.functional.max_pool2d(seen, *size, return_indices=True)[1]
        return x.flatten(2).gather(2, places.flatten(2)).reshape(places.shape)


class Side:
    """What one precision computes, with images and filters in one layout."""

    def __init__(self, dtype: torch.dtype, layout=torch.contiguous_format):
        column = lambda values: torch.tensor(values, dtype=dtype)[:, None, None]
        normal = job["normalisation"]
        self.dtype, self.layout = dtype, layout
        images = (pixels.to(dtype) * normal["scale"] - column(normal["mean"])) / column(normal["std"])
        self.images = images.contiguous(memory_format=layout)
        self.dice = smp.losses.DiceLoss("multiclass", ignore_index=job["ignore"])

    def network(self):
        model = smp.Unet(
            job["encoder"],
            encoder_weights=None,
            in_channels=job["channels"],
            classes=job["classes"],
            decoder_channels=job["decoder"],
        )
        model.load_state_dict(first, strict=True)
        return model.to(self.dtype, memory_format=self.layout)

    def loss(self, logits):
        ce = torch.nn.functional.cross_entropy(logits, masks, ignore_index=job["ignore"])
        return recipe["ce"] * ce + recipe["dice"] * self.dice(logits, masks)

    def backward(self, model):
        """One pass forward and back: (logits, loss)."""
        model.zero_grad()
        logits = model(self.images)
        loss = self.loss(logits)
        loss.backward()
        return logits.detach(), loss.item()

    def losses(self, make_optimizer) -> list:
        model = self.network().train()
        optimizer = make_optimizer(model.parameters())
        found = []
        for _ in range(recipe["steps"]):
            found.append(self.backward(model)[1])
            optimizer.step()
        return found

    def found(self):
        """(tensors, numbers); gradients with the decisions of this side."""
        with torch.no_grad():
            evaluated = self.network().eval()(self.images)
        model = self.network().train()
        logits, _ = self.backward(model)
        tensors = {"logits/eval": evaluated.permute(0, 2, 3, 1), "logits/train": logits.permute(0, 2, 3, 1)}
        tensors |= {f"undecided/{key}": weight.grad.clone() for key, weight in model.named_parameters()}
        tensors |= {f"statistics/{key}": value.clone() for key, value in model.named_buffers() if "running_" in key}
        sgd = [
            self.losses(lambda weights, rate=rate: optimizers["sgd"](weights, rate)) for rate in recipe["sgd"]["rates"]
        ]
        numbers = {"evalLoss": self.loss(evaluated).item(), "adam": self.losses(optimizers["adam"]), "sgd": sgd}
        return tensors, numbers


def decided_backward(side: Side, model, step: int):
    """`backward` with the decisions of ers in a step: (loss, what was decided)."""
    decisions = Decisions(step)
    own = torch.nn.ReLU.forward, torch.nn.MaxPool2d.forward
    torch.nn.ReLU.forward = lambda module, x: decisions.relu(module, x)
    torch.nn.MaxPool2d.forward = lambda module, x: decisions.pool(module, x)
    _, loss = side.backward(model)
    torch.nn.ReLU.forward, torch.nn.MaxPool2d.forward = own
    if decisions.calls != job["relus"]:
        sys.exit(f"{decisions.calls} ReLUs in smp's network, {job['relus']} in ours")
    return loss, decisions


def decided_losses(side: Side) -> list:
    """Losses of SGD at the first rate with the decisions of ers in each step."""
    model = side.network().train()
    optimizer = optimizers["sgd"](model.parameters())
    found = []
    for step in range(recipe["steps"]):
        found.append(decided_backward(side, model, step)[0])
        optimizer.step()
    return found


def decided(side: Side):
    """Gradients with the decisions of ers, and how far these lie from those of double precision."""
    model = side.network().train()
    _, decisions = decided_backward(side, model, 0)
    tensors = {f"gradient/{key}": weight.grad for key, weight in model.named_parameters()}
    return tensors, {key: getattr(decisions, key) for key in ("inputs", "otherwise", "farthest")}


def stepped(side: Side, name: str) -> dict:
    """The weights after one step from the gradients from which ers took its own."""
    model = side.network().train()
    for key, weight in model.named_parameters():
        weight.grad = gradients_of_ers[f"{name}/{key}"].to(side.dtype)
    optimizers[name](model.parameters()).step()
    return {f"{name}/{key}": weight.detach() for key, weight in model.named_parameters()}


def distance(found: torch.Tensor, wanted: torch.Tensor) -> float:
    norm = wanted.norm().item()
    return (found.double() - wanted).norm().item() / (norm if norm > 0 else 1)


def rounded_gradients():
    """Gradients of single precision with the decisions of ers, in each way that PyTorch rounds."""
    several = torch.get_num_threads()
    for threads in sorted({1, several}):
        torch.set_num_threads(threads)
        for side in singles:
            yield decided(side)[0]
    torch.set_num_threads(several)


double = Side(torch.float64)
singles = [Side(torch.float32, layout) for layout in (torch.contiguous_format, torch.channels_last)]
truth, numbers = double.found()
numbers["decidedSgd"] = decided_losses(double)
rounded = [single.found() for single in singles]
for side, (_, found) in zip(singles, rounded):
    found["decidedSgd"] = decided_losses(side)
gradients, decisions = decided(double)
truth |= gradients
apart = {}
for found in [tensors for tensors, _ in rounded] + list(rounded_gradients()):
    for name, tensor in found.items():
        apart[name] = max(apart.get(name, 0.0), distance(tensor, truth[name]))
for name in optimizers:
    truth |= stepped(double, name)
save_file({name: tensor.float().contiguous() for name, tensor in truth.items()}, place(files["tensors"]))
what = f"torch {torch.__version__}, smp {smp.__version__}"
with open(place(files["numbers"]), "w") as out:
    found = {"what": what, "double": numbers, "single": [single for _, single in rounded], "apart": apart, "decisions": decisions}
    json.dump(found, out)
