"""Stroma's trainer: DINO, E-LDM, synthetic crops, Gen-DINO and ABMIL, one stage a file."""

import os

# Idle OpenMP threads sleep instead of spinning: on cores shared with other processes, spinning makes a step several
# times slower. Read once, when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
