"""When real Lightning stops and which epoch it keeps, for test/nn/early-stopping.test.ts.

usage: lightning_golden.py OUT.json        needs: torch, pytorch-lightning

Its Trainer runs epochs whose validation logs given numbers, with EarlyStopping on `val_loss` and ModelCheckpoint on `val_iou`
(mode max, save_top_k 1), all else as by default. NaN and infinity are written as strings.
"""
import json
import logging
import math
import os
import random
import sys
import tempfile
import warnings

import smp_import  # noqa: F401  makes a torchvision built for CUDA importable beside a CPU torch
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint

logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
warnings.filterwarnings("ignore")


class Logged(pl.LightningModule):
    def __init__(self, losses, scores):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.losses, self.scores = losses, scores

    def training_step(self, batch, _):
        return (self.weight * batch).sum()

    def validation_step(self, batch, _):
        self.log("val_loss", self.losses[self.current_epoch])
        self.log("val_iou", self.scores[self.current_epoch])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)


def case(patience, losses, scores) -> dict:
    module, data = Logged(losses, scores), torch.utils.data.DataLoader(torch.ones(2, 1))
    with tempfile.TemporaryDirectory() as folder:
        kept = ModelCheckpoint(folder, "{epoch}", monitor="val_iou", mode="max", save_top_k=1)
        trainer = pl.Trainer(
            accelerator="cpu",
            max_epochs=len(losses),
            callbacks=[EarlyStopping("val_loss", patience=patience), kept],
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
        trainer.fit(module, data, data)
        name = os.path.basename(kept.best_model_path)
    said = [value if math.isfinite(value) else str(value) for value in losses]
    best = int(name.removeprefix("epoch=").removesuffix(".ckpt"))
    return {"patience": patience, "val_loss": said, "val_iou": scores, "epochs": trainer.current_epoch, "best": best}


if __name__ == "__main__":
    draw = random.Random(17)
    # Quarters and eighths: equal values are common, and single precision holds them.
    walk = lambda count: [draw.randrange(1, 9) / 4 for _ in range(count)]
    scores = lambda count: [draw.randrange(0, 9) / 8 for _ in range(count)]
    cases = [case(patience, walk(14), scores(14)) for patience in (1, 2, 3, 5, 10) for _ in range(3)]
    cases += [
        case(3, [2.0, 1.0, 1.0, 1.0, 1.0, 0.5], scores(6)),
        case(10, [2.0, math.nan, 1.0], scores(3)),
        case(10, [2.0, 1.5, math.inf, 1.0], scores(4)),
    ]
    with open(sys.argv[1], "w") as out:
        made = {"made_by": "bench/peers/lightning_golden.py", "lightning": pl.__version__, "cases": cases}
        json.dump(made, out, separators=(",", ":"))
        out.write("\n")
