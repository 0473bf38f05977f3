"""Rules R4: transform.json fitted again from the TRAIN rows."""

import re

import numpy as np

RELATIVE = 1e-5
MAX_LEVELS = 50
INDICATOR_SHARE = 0.005
NO_SPREAD = 1e-9


def check_transform(version, columns: dict, findings) -> None:
    transform = version.transform
    train = columns["mark"] == "train"
    findings.add("R4", "fitted on the TRAIN rows", transform["rows"] == int(np.sum(train)), transform["rows"])
    off = []
    for feature in transform["features"]:
        values = columns[feature["column"]][train]
        if feature["kind"] == "number" and transform["scaler"] == "standard":
            off += check_number(feature, values.astype(float))
        elif feature["kind"] == "category":
            off += check_category(feature, values)
    findings.add("R4", "medians, means, deviations and levels", not off, off[:5] or f"{len(transform['features'])} features")
    findings.add("R4", "outputs are those of the features in order, each name once", are_outputs(transform), len(transform["outputs"]))
    named = {one["column"] for one in transform["features"] + transform["dropped"]}
    left = set(columns) - named - {"visit_id", "visitor_id", "visit_time", "label", "mark", "weight", "visitor_half"}
    findings.add("R4", "every column is used or dropped with a reason", not left, left or "all")


def check_number(feature: dict, values: np.ndarray) -> list[str]:
    known = values[np.isfinite(values)]
    median = float(np.median(known))
    filled = np.where(np.isfinite(values), values, median)
    low, high = np.quantile(filled, [0.25, 0.75])
    reach = 1.5 * (high - low)
    inside = filled[(filled >= low - reach) & (filled <= high + reach)]
    mean, deviation, trim = np.mean(inside), spread(inside), "iqr"
    if deviation <= NO_SPREAD * max(1.0, abs(mean)):
        mean, deviation, trim = np.mean(filled), spread(filled), "none"
    unknown = float(np.mean(~np.isfinite(values)))
    checks = {
        "median": np.isclose(feature["median"], median, rtol=RELATIVE, atol=1e-12),
        "mean": np.isclose(feature["mean"], mean, rtol=RELATIVE, atol=1e-9 * max(1.0, deviation)),
        "deviation": np.isclose(feature["deviation"], deviation, rtol=RELATIVE),
        "trim": feature["trim"] == trim,
        "indicator": feature["indicator"] == (unknown > INDICATOR_SHARE),
    }
    return [f"{feature['column']}: {name}" for name, passed in checks.items() if not passed]


def check_category(feature: dict, values: np.ndarray) -> list[str]:
    known = [one for one in values if one is not None]
    counts: dict = {}
    for one in known:
        counts[one] = counts.get(one, 0) + 1
    by_count = sorted(counts, key=lambda level: (-counts[level], level.encode()))
    # A limit on outputs may have removed levels: the order of the others is still checked.
    kept = [one for one in by_count[:MAX_LEVELS] if one in set(feature["levels"])]
    indicator = (len(values) - len(known)) / len(values) > INDICATOR_SHARE
    checks = {"levels": kept == feature["levels"], "indicator": indicator or not feature["indicator"]}
    return [f"{feature['column']}: {name}" for name, passed in checks.items() if not passed]


def spread(values: np.ndarray) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def are_outputs(transform: dict) -> bool:
    """A name that is already used gets the suffix `#2`, `#3` ..."""
    names = [name for feature in transform["features"] for name in names_of(feature)]
    outputs = transform["outputs"]
    alike = all(output == name or re.fullmatch(r"#\d+", output.removeprefix(name)) for name, output in zip(names, outputs))
    return alike and len(names) == len(outputs) == len(set(outputs))


def names_of(feature: dict) -> list[str]:
    column = feature["column"]
    if feature["kind"] == "presence":
        return [f"{column}__missing"]
    if feature["kind"] == "number":
        names = [column]
    else:
        names = [f"{column}={level}" for level in feature["levels"]] + [f"{column}__other"] * feature["other"]
    return names + [f"{column}__missing"] * feature["indicator"]


def apply(transform: dict, columns: dict, rows: int) -> np.ndarray:
    """The network's inputs [rows, width]: float32 as the factory stores them. A missing column is unknown."""
    blocks = []
    for feature in transform["features"]:
        values = columns.get(feature["column"], np.array([None] * rows, dtype=object))
        if feature["kind"] == "number":
            numbers = np.array(values, dtype=np.float32).astype(float)
            known = np.isfinite(numbers)
            scaled = (np.where(known, numbers, feature["median"]) - feature["mean"]) / feature["deviation"]
            limit = np.inf if feature["clip"] is None else feature["clip"]
            parts = [np.clip(scaled, -limit, limit)] + [~known] * feature["indicator"]
        elif feature["kind"] == "category":
            known = np.array([one is not None for one in values])
            parts = [values == level for level in feature["levels"]]
            parts += [np.isin(values.astype(str), feature["rest"]) & known] * feature["other"]
            parts += [~known] * feature["indicator"]
        else:
            parts = [np.array([one is None or one != one for one in values])]
        blocks += [np.asarray(part, dtype=np.float32) for part in parts]
    return np.stack(blocks, axis=1)
