"""What every encoder does to a crop's pixels: exact area averaging from crop_px to input_px, then normalising.

The same in training, embedding and encoder.onnx.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from stroma_trainer.errors import TrainerError

MEAN = (0.485, 0.456, 0.406)  # ImageNet's, as DINO uses them for every data set
STD = (0.229, 0.224, 0.225)


def area_matrix(from_px: int, to_px: int) -> Tensor:
    """[to_px, from_px]: row i weighs source pixels by the share of output pixel i that they cover."""
    if to_px > from_px:
        raise TrainerError(
            "crop_too_small",
            f"crops of {from_px} px cannot be averaged to {to_px} px",
            expected=f"crop_px of at least {to_px}",
            found=str(from_px),
            remedy="cut larger crops, or set input_px to at most crop_px",
        )
    step = from_px / to_px
    start = torch.arange(to_px, dtype=torch.float64).unsqueeze(1) * step
    pixel = torch.arange(from_px, dtype=torch.float64).unsqueeze(0)
    covered = torch.minimum(start + step, pixel + 1) - torch.maximum(start, pixel)
    return (covered.clamp(min=0) / step).float()


def area_resize(images: Tensor, matrix: Tensor) -> Tensor:
    """float [..., from_px, from_px] in 0…255 → [..., to_px, to_px], rounded to whole grey levels like stored crops."""
    if matrix.shape[0] == matrix.shape[1]:  # the identity
        return images.round()
    return (matrix @ images @ matrix.T).round()


def normalise(images: Tensor, mean: Sequence[float] = MEAN, std: Sequence[float] = STD) -> Tensor:
    """[B, 3, H, W] in 0…1 → mean and standard deviation taken out; an imported encoder may have others."""
    shift = torch.tensor(mean, device=images.device).view(1, 3, 1, 1)
    spread = torch.tensor(std, device=images.device).view(1, 3, 1, 1)
    return (images - shift) / spread
