"""Crops a second of Python's onnxruntime on an encoder: embed_peer.py ENCODER.onnx BATCH CROP_PX THREADS

For every line on standard input, a number of seconds, batches are run for as long, and their rate is told on a line.
"""

import sys
import time

import numpy as np
import onnxruntime

file, batch, crop_px, threads = sys.argv[1], *map(int, sys.argv[2:])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
crop = np.random.default_rng(7).integers(256, size=(batch, crop_px, crop_px, 3), dtype=np.uint8)
session.run(["embedding"], {"crop": crop})
print(onnxruntime.__version__, flush=True)
for line in sys.stdin:
    started, done = time.perf_counter(), 0
    while time.perf_counter() - started < float(line):
        session.run(["embedding"], {"crop": crop})
        done += batch
    print(done / (time.perf_counter() - started), flush=True)
