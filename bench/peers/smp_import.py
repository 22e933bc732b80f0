"""Imports segmentation_models_pytorch, also where torchvision's own library does not load.

pip may put a torchvision built for CUDA beside a CPU torch. smp needs only its Python code, but that describes
operators which its library would have registered; here they are registered without a body, since none is ever called.
"""
import importlib.util
import pathlib
import re
import sys

import torch


def _declare_operators() -> None:
    package = pathlib.Path(importlib.util.find_spec("torchvision").origin).parent
    source = (package / "_meta_registrations.py").read_text()
    library = torch.library.Library("torchvision", "DEF")
    for operator in sorted(set(re.findall(r'register_(?:fake|meta)\("(?:torchvision::)?(\w+)"', source))):
        library.define(f"{operator}(Tensor t) -> Tensor")
    for loaded in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[loaded]
    globals()["_kept"] = library  # operators vanish with the library that declares them


try:
    import torchvision  # noqa: F401
except (RuntimeError, OSError, ImportError, AttributeError):
    _declare_operators()

import segmentation_models_pytorch as smp  # noqa: E402

__all__ = ["smp"]
