"""Writes the training rows of all engines of the benchmark `training`: FOLDER/<columns>/features.f32 and labels.f32.

    python synthetic_data.py FOLDER ROWS COLUMNS...

Standard normal features; the log-odds of the goal are a linear part, a small network's part and a few products, so
that there is something to learn. About one row in five is a goal.
"""

import pathlib
import sys

import numpy as np


def write(folder, rows, columns):
    random = np.random.default_rng(columns)
    features = random.standard_normal((rows, columns), np.float32)
    linear = random.standard_normal(columns) * 2.5 / np.sqrt(columns)
    hidden = random.standard_normal((columns, 12)) / np.sqrt(columns)
    outputs = random.standard_normal(12)
    logits = features @ linear * 0.6 + np.tanh(features @ hidden * 1.5) @ outputs * 0.9 - 2.0
    logits += 0.6 * features[:, 0] * features[:, 1] - 0.5 * features[:, 2] * features[:, 3]
    logits += 0.4 * np.abs(features[:, 4])
    labels = (random.random(rows) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    folder = pathlib.Path(folder) / str(columns)
    folder.mkdir(parents=True)
    features.tofile(folder / "features.f32")
    labels.tofile(folder / "labels.f32")


if __name__ == "__main__":
    for columns in map(int, sys.argv[3:]):
        write(sys.argv[1], int(sys.argv[2]), columns)
