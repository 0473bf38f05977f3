"""Rules R7: report.json against scikit-learn on scores.arrow."""

import numpy as np
import pyarrow.ipc as ipc
from scipy.optimize import brentq
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

ABSOLUTE = 1e-9
PARTS = {"train": "train", "test": "test", "outOfTime": "out-of-time"}


def check_metrics(version, columns: dict, findings) -> None:
    table = ipc.open_file(version.scores_file).read_all()
    part = np.array(table.column("part").to_pylist())
    judging = table.column("judging").to_numpy()
    scores, labels, weights = (table.column(name).to_numpy() for name in ("probability", "label", "weight"))
    findings.add("R7", "labels are the dataset's", bool(np.array_equal(labels, columns["label"])), len(labels))
    findings.close("R7", "weights are the dataset's", weights, columns["weight"])

    validation = part == "validation" if np.any(part == "validation") else part == "train"
    threshold = best_f1_threshold(scores[validation], labels[validation], weights[validation])
    report = version.report
    for name, rows in [(one, part == mark) for one, mark in PARTS.items()] + [("judging", judging)]:
        said = report["metrics"][name]
        if said is None:
            findings.add("R7", f"{name} has no rows", not np.any(rows), 0)
            continue
        check_part(name, said, scores[rows], labels[rows], weights[rows], threshold, findings)
    findings.close("R6", "base rate of the judging rows", report["baseRate"], np.average(labels[judging], weights=weights[judging]), absolute=ABSOLUTE)
    judged = set(part[judging])
    findings.add("R6", "judging rows are of one part", judged == {report["judging"]["part"]}, judged)


def check_part(name: str, said: dict, scores, labels, weights, threshold: float, findings) -> None:
    both = 0 < labels.sum() < len(labels)
    chosen = scores >= threshold
    expected = {
        "rows": len(labels),
        "goals": labels.sum(),
        "weight": weights.sum(),
        "baseRate": np.average(labels, weights=weights),
        "rocAuc": metrics.roc_auc_score(labels, scores, sample_weight=weights) if both else 0.0,
        "prAuc": metrics.average_precision_score(labels, scores, sample_weight=weights) if labels.any() else 0.0,
        "logLoss": metrics.log_loss(labels, scores, sample_weight=weights, labels=[0, 1]),
        "brier": metrics.brier_score_loss(labels, scores, sample_weight=weights),
        "accuracy": metrics.accuracy_score(labels, chosen, sample_weight=weights),
        "precision": metrics.precision_score(labels, chosen, sample_weight=weights, zero_division=0),
        "recall": metrics.recall_score(labels, chosen, sample_weight=weights, zero_division=0),
        "f1": metrics.f1_score(labels, chosen, sample_weight=weights, zero_division=0),
        "f2": metrics.fbeta_score(labels, chosen, beta=2, sample_weight=weights, zero_division=0),
        "threshold": threshold,
        "calibrationRatio": ratio(np.average(scores, weights=weights), np.average(labels, weights=weights)),
    }
    for share in (5, 20):
        expected[f"gainAt{share}"] = gain_at(scores, labels, weights, share / 100)
        expected[f"liftAt{share}"] = 100 / share * expected[f"gainAt{share}"]
    base = expected["baseRate"]
    entropy = -(base * np.log(base) + (1 - base) * np.log(1 - base)) if both else 0.0
    expected["normalisedEntropy"] = ratio(expected["logLoss"], entropy)
    names = list(expected)
    findings.close(
        "R7",
        f"{name}: {len(names)} figures",
        [said[one] for one in names],
        [expected[one] for one in names],
        absolute=ABSOLUTE,
        relative=ABSOLUTE,
    )
    matrix = metrics.confusion_matrix(labels, chosen, sample_weight=weights, labels=[0, 1]).ravel()
    said_matrix = [said["confusion"][one] for one in ("trueNegative", "falsePositive", "falseNegative", "truePositive")]
    findings.close("R7", f"{name}: confusion matrix", said_matrix, matrix, absolute=ABSOLUTE, relative=ABSOLUTE)
    if both:
        check_calibration(name, said, scores, labels, weights, findings)


def check_calibration(name: str, said: dict, scores, labels, weights, findings) -> None:
    clipped = np.clip(scores, np.finfo(float).eps, 1 - np.finfo(float).eps)
    logits = np.log(clipped / (1 - clipped))
    goals = np.average(labels, weights=weights)
    intercept = brentq(lambda a: np.average(1 / (1 + np.exp(-a - logits)), weights=weights) - goals, -100, 100, xtol=1e-13)
    findings.close("R7", f"{name}: calibration intercept", said["calibrationIntercept"], intercept, absolute=1e-8)
    if isinstance(said["calibrationSlope"], str) or said["calibrationSlope"] == 0:
        return
    centre, spread = logits.mean(), logits.std()
    # Solved iteratively by scikit-learn, so only as exact as its convergence.
    fit = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    fit.fit(((logits - centre) / spread)[:, None], labels, sample_weight=weights / weights.mean())
    findings.close("R7", f"{name}: calibration slope", said["calibrationSlope"], fit.coef_[0, 0] / spread, relative=1e-6)


def best_f1_threshold(scores, labels, weights) -> float:
    """The score with the highest weighted F1 as a threshold; the highest of several."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits = np.cumsum((weights * labels)[order])[ends]
    chosen = np.cumsum(weights[order])[ends]
    f1 = 2 * hits / (chosen + (weights * labels).sum())
    return float(scores[order][ends[np.argmax(f1 >= f1.max() * (1 - 1e-12))]])


def gain_at(scores, labels, weights, share: float) -> float:
    """Share of the goals among the highest scores; a block of ties at the cut counts pro rata."""
    total = (weights * labels).sum()
    if total == 0:
        return 0.0
    levels, block = np.unique(-scores, return_inverse=True)
    sizes = np.bincount(block, weights, len(levels))
    goals = np.bincount(block, weights * labels, len(levels))
    before = np.concatenate([[0.0], np.cumsum(sizes)[:-1]])
    taken = np.clip((share * weights.sum() - before) / sizes, 0.0, 1.0)
    return float((goals * taken).sum() / total)


def ratio(a: float, b: float) -> float:
    return a / b if b else 0.0
