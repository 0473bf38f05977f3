#!/usr/bin/env python3
"""Checks published models against the rules, using only the objects on S3.

Give a folder that holds a copy of the store's prefix (`runs/` and `models/` in it). Every published version
found under `models/` is checked, or only those of one run. Shares no code with the factory: numpy, pyarrow and
scikit-learn recompute what dataset.json, transform.json, report.json and golden.json claim.

Needs Python 3.10 or later with pyarrow, numpy and scikit-learn. Exit code 0: everything agrees; 1: something
does not; 2: there was nothing to check.
"""

import argparse
import json
import sys
from pathlib import Path

from artefacts import Findings, find_versions
from check_dataset import check_dataset
from check_metrics import check_metrics
from check_network import check_network
from check_transform import check_transform


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="copy of the store's prefix")
    parser.add_argument("--run", help="check only what this run published")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    arguments = parser.parse_args()

    versions = [one for one in find_versions(arguments.folder) if arguments.run in (None, one.run)]
    findings = [check_version(version) for version in versions]
    if arguments.json:
        print(json.dumps([{"version": one.title, "checks": one.checks} for one in findings], indent=2))
    else:
        for one in findings:
            one.print()
    if not findings:
        print(f"no published version in {arguments.folder}", file=sys.stderr)
        return 2
    return 0 if all(one.passed for one in findings) else 1


def check_version(version) -> Findings:
    findings = Findings(f"{version.folder} (run {version.run})")
    try:
        version.check_files(findings)
        dataset = check_dataset(version, findings)
        check_transform(version, dataset, findings)
        check_network(version, dataset, findings)
        check_metrics(version, dataset, findings)
    except FileNotFoundError as missing:
        findings.add("-", "what the run left is there", False, missing)
    return findings


if __name__ == "__main__":
    sys.exit(main())
