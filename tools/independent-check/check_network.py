"""Rules R6 and R9: the published network, its shift, and the golden rows, by a forward pass in numpy."""

import json
import struct
from pathlib import Path

import numpy as np
import pyarrow.ipc as ipc

from check_transform import apply

LOGIT, PROBABILITY = 1e-4, 1e-5


def check_network(version, columns: dict, findings) -> None:
    layers = version.weights
    sampling, candidate = version.sampling, version.report["candidate"]
    shift = np.log(sampling["f0"]) - np.log(sampling["f1"])
    findings.close("R6", "prior shift is ln f0 - ln f1", candidate["priorShift"], shift, absolute=1e-12)
    trained = [read_trial(one) for one in version.stage_files("trials", f"trial-{candidate['trial']}.weights")]
    published = np.concatenate([np.concatenate([kernel.ravel(), bias]) for kernel, bias, _ in layers])
    # A repeated trial left two files; only the ledger knows which one counts, so one of them must match.
    alike = [one for one in trained if len(one) == len(published) and np.array_equal(one[:-1], published[:-1])]
    findings.add("R6", "all weights but the last bias are the trial's", bool(alike), f"trial {candidate['trial']}")
    if alike:
        findings.close("R6", "the last bias is shifted", published[-1] - alike[0][-1], shift, absolute=1e-6, relative=1e-6)

    rows = len(columns["visit_id"])
    logits = forward(layers, apply(version.transform, columns, rows))
    scores = ipc.open_file(version.scores_file).read_all()
    findings.add("R7", "scores.arrow has the dataset's rows", scores.column("visit_id").to_pylist() == list(columns["visit_id"]), rows)
    findings.close("R9", "logits of every row", scores.column("logit").to_numpy(), logits, absolute=LOGIT)
    findings.close("R9", "probabilities of every row", scores.column("probability").to_numpy(), sigmoid(logits), absolute=PROBABILITY)
    check_golden(version, layers, scores, findings)


def check_golden(version, layers, scores, findings) -> None:
    golden = version.golden["rows"]
    names = [feature["column"] for feature in version.transform["features"]]
    raw = {name: np.array([one["row"].get(name) for one in golden], dtype=object) for name in names}
    vectors = apply(version.transform, raw, len(golden))
    logits = forward(layers, vectors)
    findings.add("R9", "golden.json has 64 rows", len(golden) == 64, len(golden))
    findings.close("R9", "golden vectors", vectors, [one["vector"] for one in golden], absolute=1e-5)
    findings.close("R9", "golden logits", [one["logit"] for one in golden], logits, absolute=LOGIT)
    findings.close("R9", "golden probabilities", [one["probability"] for one in golden], sigmoid(logits), absolute=PROBABILITY)
    judging = scores.filter(scores.column("judging"))
    known, weights = (judging.column(name).to_numpy() for name in ("probability", "weight"))
    expected = [100 * (weights[known < p].sum() + weights[known == p].sum() / 2) / weights.sum() for p in sigmoid(logits)]
    # The table has steps of 0.1 %; a row with a large weight may span several.
    step = 0.1 + 100 * weights.max() / weights.sum()
    findings.close("R9", "golden percentiles", [one["percentile"] for one in golden], expected, absolute=2 * step)


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
HIDDEN = {
    "relu": lambda sums: np.maximum(sums, 0.0),
    "tanh": np.tanh,
    "elu": lambda sums: np.where(sums < 0, np.expm1(sums), sums),
    "selu": lambda sums: SELU_SCALE * np.where(sums < 0, SELU_ALPHA * np.expm1(sums), sums),
}


def forward(layers, matrix: np.ndarray) -> np.ndarray:
    """Logits [rows] of Dense layers in float64; the last activation is applied by the caller."""
    values = matrix.astype(float)
    for kernel, bias, activation in layers:
        values = values @ kernel + bias
        values = HIDDEN.get(activation, lambda sums: sums)(values)
    return values[:, 0]


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-logits))


def read_trial(file: Path) -> np.ndarray:
    """All weights of a trial in file order: `PFNW`, uint32 length of a JSON header, float32 values."""
    content = file.read_bytes()
    (length,) = struct.unpack_from("<I", content, 4)
    json.loads(content[8 : 8 + length])
    return np.frombuffer(content, "<f4", offset=8 + length).astype(float)
