"""Evaluates logits with scikit-learn, independent of the program that computed them.

Reads a folder as tools/bench/data/matrix-folder.mjs writes it, and logits-<part>.f32 from another.
"""

import json
import pathlib

import numpy as np
from lines import serve
from sklearn.metrics import log_loss, roc_auc_score


def judge(folder, logits, part, natural=False):
    """ROC-AUC and log-loss of one part; natural = after the prior shift, rows weighted 1/f (rules R6)."""
    folder = pathlib.Path(folder)
    scores = np.fromfile(pathlib.Path(logits) / f"logits-{part}.f32", np.float32).astype(np.float64)
    rows = np.fromfile(folder / f"{part}.u32", np.uint32)
    labels = np.fromfile(folder / "labels.u8", np.uint8)[rows]
    weights = None
    if natural:
        scores = scores + json.loads((folder / "matrix.json").read_text())["shift"]
        weights = np.fromfile(folder / "weights.f64", np.float64)[rows]
    probabilities = 1 / (1 + np.exp(-scores))
    return {
        "auc": roc_auc_score(labels, scores, sample_weight=weights),
        "logLoss": log_loss(labels, probabilities, sample_weight=weights),
    }


serve({"judge": judge})
