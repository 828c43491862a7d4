"""Stroma's trainer: DINO, E-LDM, synthetic crops, Gen-DINO and ABMIL, one stage a file."""
