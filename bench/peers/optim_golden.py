"""Steps of real PyTorch optimizers and rates of its schedulers, for test/nn/{optimizers,schedules}/*.test.ts.

usage: optim_golden.py OUT.json        needs: torch

A vector of 12 weights meets 6 gradients, all from the formula of nn_golden.py (`uniform`), while the rate changes; the
weights after each step are kept. PyTorch computes in double precision. Clipping, accumulation and the moving average are
those of torch.nn.utils.clip_grad_norm_, of gradients that are not set to zero, and of torch.optim.swa_utils.
"""
import json
import sys

import nn_golden as golden
import torch

COUNT, STEPS = 12, 6
RATES = [0.1, 0.1, 0.05, 0.02, 0.1, 0.01]
EPOCHS, STEPS_PER_EPOCH, RATE = 20, 7, 1e-3


def vector(stream: int) -> torch.Tensor:
    return torch.from_numpy(golden.uniform(stream, COUNT))


def walk(make) -> list:
    weights = torch.nn.Parameter(vector(50))
    optimizer = make([weights])
    found = []
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = RATES[step]
        weights.grad = vector(60 + step)
        optimizer.step()
        found.append(weights.detach().tolist())
    return found


PARTS = [7, 5]
CLIPS = [0.5, 1.5, 10.0]
BATCHES, ACCUMULATED, CLIP, DECAY = 5, 2, 0.4, 0.9


def clipped(most: float) -> list:
    """The gradients of two weights, clipped together."""
    weights = [torch.nn.Parameter(torch.zeros(n, dtype=torch.float64)) for n in PARTS]
    for weight, gradient in zip(weights, vector(60).split(PARTS)):
        weight.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_(weights, most)
    return torch.cat([weight.grad for weight in weights]).tolist()


class Model(torch.nn.Module):
    """A weight, and a statistic that every batch changes."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(vector(50))
        self.register_buffer("statistic", vector(51))


def accumulated(make) -> dict:
    """Batches of which two make a step, the last one alone; gradients are clipped, weight and statistic are averaged."""
    model = Model()
    optimizer = make([model.weight])
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(DECAY), use_buffers=True
    )
    found = {"weight": [], "average": [], "statistic": []}
    for batch in range(BATCHES):
        model.statistic.mul_(0.9).add_(vector(70 + batch), alpha=0.1)
        ((model.weight * vector(60 + batch)).sum() / ACCUMULATED).backward()
        if (batch + 1) % ACCUMULATED != 0 and batch + 1 != BATCHES:
            continue
        torch.nn.utils.clip_grad_norm_([model.weight], CLIP)
        optimizer.step()
        optimizer.zero_grad()
        average.update_parameters(model)
        found["weight"].append(model.weight.detach().tolist())
        found["average"].append(average.module.weight.detach().tolist())
        found["statistic"].append(average.module.statistic.tolist())
    return found


def rates(make, count: int) -> list:
    """The rates before each of `count` calls of the scheduler."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = make(optimizer)
    found = []
    for _ in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


if __name__ == "__main__":
    optim, schedulers = torch.optim, torch.optim.lr_scheduler
    total = EPOCHS * STEPS_PER_EPOCH
    result = {
        "made_by": "bench/peers/optim_golden.py",
        "torch": torch.__version__,
        "count": COUNT,
        "rates": RATES,
        "optimizers": {
            "adam": walk(optim.Adam),
            "adam, weight decay": walk(lambda w: optim.Adam(w, weight_decay=0.1)),
            "adamw": walk(lambda w: optim.AdamW(w, weight_decay=0.1)),
            "sgd": walk(optim.SGD),
            "sgd, momentum": walk(lambda w: optim.SGD(w, momentum=0.9)),
            "sgd, nesterov": walk(lambda w: optim.SGD(w, momentum=0.9, nesterov=True)),
            "sgd, nesterov, weight decay": walk(
                lambda w: optim.SGD(w, momentum=0.9, nesterov=True, weight_decay=0.1)
            ),
        },
        "clipping": {"parts": PARTS, "clipped": [[most, clipped(most)] for most in CLIPS]},
        "accumulation": {
            "batches": BATCHES,
            "accumulated": ACCUMULATED,
            "clip": CLIP,
            "decay": DECAY,
            "rate": 0.1,
            "found": accumulated(lambda w: optim.Adam(w, lr=0.1)),
        },
        "schedules": {
            "epochs": EPOCHS,
            "steps_per_epoch": STEPS_PER_EPOCH,
            "rate": RATE,
            "cosine": rates(lambda o: schedulers.CosineAnnealingLR(o, T_max=5, eta_min=1e-6), EPOCHS),
            "cosine_of_the_recipe": rates(lambda o: schedulers.CosineAnnealingLR(o, T_max=50, eta_min=1e-6), 200),
            "polynomial": rates(lambda o: schedulers.PolynomialLR(o, total_iters=EPOCHS, power=0.9), EPOCHS),
            "one_cycle": rates(
                lambda o: schedulers.OneCycleLR(o, max_lr=RATE, total_steps=total, cycle_momentum=False), total
            ),
        },
    }
    with open(sys.argv[1], "w") as out:
        json.dump(golden.rounded(result), out, separators=(",", ":"))
        out.write("\n")
