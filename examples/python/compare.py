"""Fails unless numpy and `factory score` agree: compare.py FOLDER rows.csv scored.csv"""

import csv
import sys
from pathlib import Path

import numpy as np
from bundle import Bundle


def read(file: str) -> list[dict]:
    with open(file, newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


folder, rows, scored = sys.argv[1:]
probabilities, percentiles = Bundle(Path(folder)).score(read(rows))
expected = read(scored)
for name, values, near in (("probability", probabilities, 1e-5), ("percentile", percentiles, 0.2)):
    off = np.abs(values - [float(one[name]) for one in expected])
    print(f"{name}: {len(off)} rows, at most {off.max():.2g} apart")
    if off.max() > near:
        sys.exit(f"{name}: more than {near} apart")
