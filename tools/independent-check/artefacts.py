"""Where artefacts are in a copy of the store, and what the checks found."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass
class Findings:
    """Checks of one published version, each with the observed values."""

    title: str
    checks: list = field(default_factory=list)

    def add(self, rule: str, name: str, passed: bool, seen) -> None:
        self.checks.append({"rule": rule, "check": name, "passed": bool(passed), "seen": str(seen)})

    def close(self, rule: str, name: str, actual, expected, absolute=0.0, relative=0.0) -> None:
        """Numbers or arrays that must agree: |actual - expected| <= absolute + relative |expected|."""
        actual, expected = np.asarray(actual, float), np.asarray(expected, float)
        same = actual.shape == expected.shape
        off = np.abs(actual - expected) - relative * np.abs(expected) if same else np.array([np.inf])
        worst = float(np.max(off, initial=0.0))
        self.add(rule, name, same and bool(np.all(off <= absolute)), f"off by at most {worst:.3g}")

    @property
    def passed(self) -> bool:
        return all(check["passed"] for check in self.checks)

    def print(self) -> None:
        print(self.title)
        for check in self.checks:
            print(f"  {'ok  ' if check['passed'] else 'FAIL'} {check['rule']:<3} {check['check']}: {check['seen']}")


class Version:
    """One published bundle and the artefacts of the run behind it."""

    def __init__(self, root: Path, folder: Path):
        self.root, self.folder = root, folder
        self.manifest = read_json(folder / "manifest.json")
        self.report = read_json(folder / "report.json")
        self.transform = read_json(folder / "transform.json")
        self.golden = read_json(folder / "golden.json")
        self.model = read_json(folder / "model.json")
        self.run = self.manifest["lineage"]["run"]

    def check_files(self, findings: Findings) -> None:
        for entry in self.manifest["files"]:
            content = (self.folder / entry["name"]).read_bytes()
            intact = sha256(content) == entry["sha256"] and len(content) == entry["bytes"]
            findings.add("R9", f"{entry['name']} is as the manifest says", intact, entry["sha256"][:12])
        champion = self.folder.parent / "champion.json"
        findings.add("R9", "champion.json is there", champion.exists(), champion.name)

    def stage_files(self, stage: str, name: str) -> list[Path]:
        """Files of a stage of the run, of any shard and token."""
        return sorted(self.root.glob(f"runs/{self.run}/{stage}/*/*/{name}"))

    @property
    def dataset_file(self) -> Path:
        wanted = self.manifest["lineage"]["datasetSha256"]
        files = self.stage_files("sampling", "dataset.arrow")
        return first((one for one in files if sha256(one.read_bytes()) == wanted), f"dataset.arrow of run {self.run}")

    @property
    def sampling(self) -> dict:
        return read_json(self.dataset_file.with_name("dataset.json"))

    @property
    def scores_file(self) -> Path:
        reports = self.stage_files("evaluator", "report.json")
        same = (one for one in reports if read_json(one) == self.report)
        return first(same, f"report.json of run {self.run}").with_name("scores.arrow")

    @property
    def weights(self) -> list[tuple[np.ndarray, np.ndarray, str]]:
        """Kernel [inputs, units], bias [units] and activation of each dense layer, as published."""
        specs = [spec for group in self.model["weightsManifest"] for spec in group["weights"]]
        flat = np.frombuffer((self.folder / "weights.bin").read_bytes(), "<f4").astype(float)
        tensors, at = {}, 0
        for spec in specs:
            size = int(np.prod(spec["shape"]))
            tensors[spec["name"]] = flat[at : at + size].reshape(spec["shape"])
            at += size
        layers = self.model["modelTopology"]["config"]["layers"]
        dense = [layer["config"] for layer in layers if layer["class_name"] == "Dense"]
        return [(tensors[f"{one['name']}/kernel"], tensors[f"{one['name']}/bias"], one["activation"]) for one in dense]


def find_versions(root: Path) -> list[Version]:
    return [Version(root, one.parent) for one in sorted(root.glob("models/*/*/*/*/manifest.json"))]


def first(files, wanted: str) -> Path:
    for one in files:
        return one
    raise FileNotFoundError(wanted)


def read_json(file: Path):
    return json.loads(file.read_text("utf-8"))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
