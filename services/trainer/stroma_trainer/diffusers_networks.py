"""diffusers' networks, imported without torchvision.

diffusers imports torchvision whenever it is installed, for networks that Stroma does not use; a torchvision built for
another torch than the one installed (CUDA beside CPU) then breaks the import of all of them.
"""

from diffusers.utils import import_utils

import_utils._torchvision_available = False

from diffusers import UNet2DConditionModel, VQModel  # noqa: E402

__all__ = ["UNet2DConditionModel", "VQModel"]
