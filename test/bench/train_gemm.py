"""FLOP/s of a ViT block's largest product as torch computes it, best of 30: train_gemm.py ROWS DIM PRECISION."""

import os
import sys
import time

import torch

rows, dim = int(sys.argv[1]), int(sys.argv[2])
dtype = torch.bfloat16 if sys.argv[3] == "bf16" else torch.float32
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
x, weight = torch.randn(rows, dim, dtype=dtype), torch.randn(4 * dim, dim, dtype=dtype)
best = float("inf")
for _ in range(30):
    started = time.perf_counter()
    torch.nn.functional.linear(x, weight)
    best = min(best, time.perf_counter() - started)
print(2 * rows * dim * 4 * dim / best)
