"""A published bundle with numpy alone: raw rows in, probability and percentile out.

    bundle.py FOLDER rows.csv     FOLDER: models/<source>/<goal>/<product>/ of the bucket
"""

import csv
import hashlib
import json
import sys
from pathlib import Path

import numpy as np


class Bundle:
    """The version in force; no file is used before its hash is checked against the manifest."""

    def __init__(self, folder: Path):
        pointer = json.loads((folder / "champion.json").read_bytes())
        self.folder = folder / pointer["version"]
        manifest = (self.folder / "manifest.json").read_bytes()
        check(manifest, pointer["manifestSha256"], "manifest.json")
        files = {one["name"]: one["sha256"] for one in json.loads(manifest)["files"]}
        content = {name: check((self.folder / name).read_bytes(), sha, name) for name, sha in files.items()}
        self.version = pointer["version"]
        self.transform = json.loads(content["transform.json"])
        self.percentiles = json.loads(content["percentiles.json"])
        self.golden = json.loads(content["golden.json"])["rows"]
        self.layers = layers_of(json.loads(content["model.json"]), content["weights.bin"])

    def logits(self, rows: list[dict]) -> np.ndarray:
        values = inputs(self.transform, rows).astype(float)
        for kernel, bias, activation in self.layers:
            values = values @ kernel + bias
            if activation == "relu":
                values = np.maximum(values, 0.0)
        return values[:, 0]  # the sigmoid of the last layer is left to the caller

    def score(self, rows: list[dict]) -> tuple[np.ndarray, np.ndarray]:
        """Probability at the shop's own base rate, and percentile: 100 = best."""
        probabilities = sigmoid(self.logits(rows))
        return probabilities, percentiles_of(self.percentiles, probabilities)

    def check_golden_rows(self) -> None:
        """Every loader must reproduce them: |logit| within 1e-4, |probability| within 1e-5."""
        logits = self.logits([one["row"] for one in self.golden])
        assert np.allclose(logits, [one["logit"] for one in self.golden], atol=1e-4, rtol=0)
        assert np.allclose(sigmoid(logits), [one["probability"] for one in self.golden], atol=1e-5, rtol=0)
        ranks = percentiles_of(self.percentiles, np.array([one["probability"] for one in self.golden]))
        assert np.allclose(ranks, [one["percentile"] for one in self.golden], atol=1e-9)


def check(content: bytes, sha256: str, name: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"{name} differs from what was published: fetch it again")
    return content


def layers_of(model: dict, weights: bytes) -> list[tuple]:
    """Dense layers as (kernel [inputs, units], bias [units], activation)."""
    values, at, tensors = np.frombuffer(weights, "<f4"), 0, {}
    for one in model["weightsManifest"][0]["weights"]:
        size = int(np.prod(one["shape"]))
        tensors[one["name"]] = values[at : at + size].reshape(one["shape"]).astype(float)
        at += size
    dense = [one["config"] for one in model["modelTopology"]["config"]["layers"] if one["class_name"] == "Dense"]
    return [(tensors[f"{one['name']}/kernel"], tensors[f"{one['name']}/bias"], one["activation"]) for one in dense]


def inputs(transform: dict, rows: list[dict]) -> np.ndarray:
    """Raw rows -> [rows, width] float32, feature by feature, as transform.json says."""
    return np.array([[x for one in transform["features"] for x in outputs(one, row.get(one["column"]))] for row in rows], np.float32)


def outputs(feature: dict, raw) -> list[float]:
    if feature["kind"] == "number":
        value = number(raw)
        known = bool(np.isfinite(value))
        limit = np.inf if feature["clip"] is None else feature["clip"]
        scaled = ((value if known else feature["median"]) - feature["mean"]) / feature["deviation"]
        return [min(max(scaled, -limit), limit)] + [float(not known)] * feature["indicator"]
    unknown = raw is None or raw == ""
    if feature["kind"] == "presence":
        return [float(unknown if isinstance(feature["known"], str) else not np.isfinite(number(raw)))]
    levels = [float(raw == level) for level in feature["levels"]]
    other = [float(raw in feature["rest"])] * feature["other"]
    return levels + other + [float(unknown)] * feature["indicator"]


def number(raw) -> float:
    """float32, as training saw it; not a number = unknown."""
    try:
        return float(np.float32(raw)) if raw not in (None, "") else np.nan
    except ValueError:
        return np.nan


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-logits))


def percentiles_of(table: dict, probabilities: np.ndarray) -> np.ndarray:
    """Share of judging rows below plus half of the equal ones; linear between two entries."""
    scores = np.array(table["scores"])
    first, after = np.searchsorted(scores, probabilities, "left"), np.searchsorted(scores, probabilities, "right")
    low, high = scores[np.maximum(first - 1, 0)], scores[np.minimum(first, len(scores) - 1)]
    between = first - 1 + (probabilities - low) / np.where(high > low, high - low, 1.0)
    steps = np.where(first < after, (first + after - 1) / 2, np.where(first == 0, 0, np.where(first == len(scores), len(scores) - 1, between)))
    return steps * table["step"]


def main(folder: str, file: str) -> None:
    bundle = Bundle(Path(folder))
    bundle.check_golden_rows()
    with open(file, newline="", encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    probabilities, percentiles = bundle.score(rows)
    print(f"{bundle.version}: golden rows are as published; {len(rows)} rows, mean {probabilities.mean():.4f}")
    for probability, percentile in list(zip(probabilities, percentiles))[:3]:
        print(f"probability {probability:.6f}  percentile {percentile:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
