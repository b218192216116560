"""Times an ordinary training step of a model in PyTorch, to set this engine's step beside it.

Reads {"layers", "shape", "batch", "steps", "threads"} from standard input, with layers and shape
[height, width, channels] as `deltascope models` prints them, and writes {"stepMs"} (the median). There
are ten classes.
"""

import json
import statistics
import sys
import time

import torch
from torch import nn

ask = json.load(sys.stdin)
torch.set_num_threads(ask["threads"])
torch.manual_seed(7)


height, width, channels = ask["shape"]
image = (channels, height, width)


def build(layers):
    modules, shape = [], image
    for layer in layers:
        kind = layer["type"]
        bias = layer.get("useBias", True)
        if kind == "Conv2D":
            size = layer["kernelSize"]
            padding = size // 2 if layer.get("padding") == "same" else 0
            module = nn.Conv2d(shape[0], layer["filters"], size, padding=padding, bias=bias)
        elif kind == "Dense":
            module = nn.Linear(shape[0], layer["units"], bias=bias)
        elif kind == "BatchNormalization":
            norm = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
            module = norm(shape[0], affine=layer.get("affine", False))
        elif kind == "ReLU":
            module = nn.ReLU()
        elif kind == "MaxPooling2D":
            module = nn.MaxPool2d(layer.get("poolSize", 2))
        elif kind == "Flatten":
            module = nn.Flatten()
        else:
            sys.exit(f"no counterpart for {kind}")
        modules.append(module)
        shape = tuple(nn.Sequential(*modules).eval()(torch.zeros(2, *image)).shape[1:])
    return nn.Sequential(*modules).train()


model = build(ask["layers"])
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
loss_of = nn.CrossEntropyLoss()
images = torch.rand(ask["batch"], *image)
labels = torch.randint(0, 10, (ask["batch"],))

times = []
for step in range(ask["steps"] + 5):
    start = time.perf_counter()
    optimizer.zero_grad()
    loss_of(model(images), labels).backward()
    optimizer.step()
    if step >= 5:  # the first steps choose kernels and allocate
        times.append((time.perf_counter() - start) * 1000)
json.dump({"stepMs": statistics.median(times)}, sys.stdout)
