"""Settings that change with the step, each a function of the step alone: a resumed run meets the same values."""

import math


def warmup_cosine(step: int, total: int, warmup: int, base: float, final: float) -> float:
    """Linear from 0 to base over `warmup` steps (both ends included, as in DINO), then cosine to final."""
    if step < warmup:
        return base * step / (warmup - 1) if warmup > 1 else 0.0
    return cosine(step - warmup, total - warmup, base, final)


def cosine(step: int, total: int, start: float, end: float) -> float:
    """start at step 0; end would be reached at step `total`."""
    return end + 0.5 * (start - end) * (1 + math.cos(math.pi * step / total))


def warmup_constant(step: int, warmup: int, base: float) -> float:
    """Linear from 1e-6·base over `warmup` steps, then constant (latent-diffusion's LambdaLinearScheduler)."""
    return base * (1e-6 + (1 - 1e-6) * step / warmup) if step < warmup else base


def average_momentum(step: int, decay: float) -> float:
    """Of the U-Net's moving average: min(decay, (1 + n) / (10 + n)) at the n-th update, n = step + 1 (LitEma of
    latent-diffusion), so that it follows quickly at first. decay 0 = no average."""
    return min(decay, (2 + step) / (11 + step))


def teacher_temperature(epoch: int, start: float, final: float, warmup_epochs: int) -> float:
    """Linear from start to final over warmup_epochs (both ends included), per epoch."""
    if epoch >= warmup_epochs:
        return final
    return start + (final - start) * epoch / (warmup_epochs - 1) if warmup_epochs > 1 else start


def total_steps(samples: int, batch_size: int, epochs: int, max_samples: int) -> int:
    """Whole batches only; max_samples 0 = no limit."""
    steps = epochs * (samples // batch_size)
    return min(steps, max(1, max_samples // batch_size)) if max_samples else steps
