"""Public implementations to compare with. Tests that need one which is not installed are skipped and say so."""

import importlib.util
from typing import Any

import pytest
import torch

# timm and lightly import torchvision, which registers fakes of operators that its build beside this torch may lack.
_OPERATORS = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
_libraries: list[Any] = []  # definitions live as long as their library


def imported(name: str) -> Any:
    if not _libraries and importlib.util.find_spec("torchvision") and not hasattr(torch.ops.torchvision, "nms"):
        library = torch.library.Library("torchvision", "DEF")
        for operator, signature in _OPERATORS.items():
            library.define(operator + signature)
        _libraries.append(library)
    return pytest.importorskip(name, reason=f"compares with {name.split('.')[0]}, which is not installed")
