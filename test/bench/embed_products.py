"""The matrix products of an encoder as one ONNX graph, with nothing between them:

python embed_products.py ARCHITECTURE_JSON BATCH OUT.onnx

Of the sizes that a batch has in encoder.onnx: averaging crops of crop_px to input_px, patches to tokens, then in each
block q, k and v in one, the two products of attention, its projection, the MLP's two; of the last block, which answers
for [CLS] alone, only keys and values. A block's input comes from the MLP before it. Attention's products take that
input's own memory in other shapes, for which nothing is copied. One number of each result leaves, so that none can be
left out.
"""

import json
import sys

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

shape, batch, out = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
dim, heads, patch_values = shape["dim"], shape["heads"], 3 * shape["patch_px"] ** 2
crop_px, input_px = shape["crop_px"], shape["input_px"]
patches = (input_px // shape["patch_px"]) ** 2
tokens = patches + 1
inputs = {"pixels": [batch * patches, patch_values], "tokens": [batch * tokens, dim]}
draws = np.random.default_rng(7)
nodes: list[onnx.NodeProto] = []
constants: list[onnx.TensorProto] = []
left: list[str] = []


def constant(name: str, values: NDArray[np.generic]) -> str:
    constants.append(numpy_helper.from_array(values, name))
    return name


def product(name: str, a: str, b: str) -> str:
    nodes.append(helper.make_node("MatMul", [a, b], [name]))
    return name


def weights(name: str, rows: int, columns: int) -> str:
    """So large that a product's numbers are as large as those it is made of."""
    return constant(name, draws.standard_normal((rows, columns), dtype=np.float32) / np.float32(rows**0.5))


def layer(name: str, x: str, inner: int, columns: int) -> str:
    return product(name, x, weights(f"{name}.weight", inner, columns))


def seen_as(name: str, x: str, *dims: int) -> str:
    nodes.append(helper.make_node("Reshape", [x, constant(f"{name}.shape", np.array(dims))], [name]))
    return name


def leave(x: str) -> None:
    """The first number of a table goes to the output."""
    nodes.append(helper.make_node("Slice", [x, "first", "second", "axes"], [f"{x}.first"]))
    left.append(f"{x}.first")


constant("first", np.array([0, 0]))
constant("second", np.array([1, 1]))
constant("axes", np.array([0, 1]))
if input_px < crop_px:
    inputs["crops"] = [3 * batch, crop_px, crop_px]
    rows = product("rows", weights("rows.weight", input_px, crop_px), "crops")
    averaged = product("averaged", rows, weights("averaged.weight", crop_px, input_px))
    leave(seen_as("averaged.flat", averaged, 3 * batch * input_px, input_px))
leave(layer("patches", "pixels", patch_values, dim))
x = "tokens"
for ix in range(shape["depth"] - 1):
    name = f"block{ix}"
    leave(layer(f"{name}.qkv", x, dim, 3 * dim))
    queries = seen_as(f"{name}.queries", x, batch * heads, tokens, dim // heads)
    keys = seen_as(f"{name}.keys", x, batch * heads, dim // heads, tokens)
    attended = product(f"{name}.attended", product(f"{name}.scores", queries, keys), queries)
    joined = seen_as(f"{name}.joined", attended, batch * tokens, dim)
    leave(layer(f"{name}.projected", joined, dim, dim))
    x = layer(f"{name}.fc2", layer(f"{name}.fc1", x, dim, 4 * dim), 4 * dim, dim)
leave(layer("last.kv", x, dim, 2 * dim))
nodes.append(helper.make_node("Concat", left, ["firsts"], axis=0))
graph = helper.make_graph(
    nodes,
    "products",
    [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in inputs.items()],
    [helper.make_tensor_value_info("firsts", TensorProto.FLOAT, [len(left), 1])],
    constants,
)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), out)
