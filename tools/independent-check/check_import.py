"""Reads CSV files with pandas and reports their contents, by an independent implementation of the rules.

    check_import.py CASES.json

CASES is a list of {"file", "sep", "encoding", "skip", "decimal", "thousands", "missing", "label"}. Prints a list with one
object a case: {"columns": {name: {"kind", "missing"}}, "labels": {value: rows}}, or {"error": text} where pandas cannot
read the file. `kind` is number, category, date, text, or unclear: nearly every value is a number, but not all.
"""

import json
import re
import sys

import pandas as pd
from pandas._libs.parsers import STR_NA_VALUES

DOCUMENTED = """? - -- . .. <na> n.a. nat (null) <null> [null] \\n #value! #ref! #div/0! #num! #name? #null!""".split()
MISSING = {mark.lower() for mark in STR_NA_VALUES} | set(DOCUMENTED)
FLOAT32 = 3.4028235677973366e38
NEARLY = 0.98
LONGEST = 255
OTHER_NOTATIONS = [(".", ""), (",", ""), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "'")]


def numbers(values, decimal, thousands):
    """[values] floats; NaN if a value is not a number in this notation."""
    bare = values.str.replace(r"^([+-]?)[$€£¥]\s*|\s*[%€$£¥]$", r"\1", regex=True)
    point = re.escape(decimal)
    if thousands:
        group = re.escape(thousands)
        grouped = bare.str.fullmatch(rf"[+-]?\d{{1,3}}({group}\d{{3}})+({point}\d*)?")
        bare = bare.where(~grouped, bare.str.replace(thousands, "", regex=False))
    pattern = rf"[+-]?(\d+({point}\d*)?|{point}\d+)([eE][+-]?\d+)?"
    bare = bare.where(bare.str.fullmatch(pattern), "none")
    parsed = pd.to_numeric(bare.str.replace(decimal, ".", regex=False), errors="coerce")
    return parsed.where(parsed.abs() <= FLOAT32)


def unit(values):
    found = values.str.extract(r"([%$€£¥])", expand=False).fillna("")
    return found.nunique()


def kind_of(known, case):
    if known.empty:
        return "category"
    if known.str.len().max() > LONGEST:
        return "text"
    parsed = numbers(known, case.get("decimal", "."), case.get("thousands", ""))
    codes = known.str.fullmatch(r"[+-]?0\d+")
    if parsed.notna().all():
        if not codes.any():
            return "number" if unit(known) == 1 else "unclear"
        return "category" if codes.mean() > 1 - NEARLY else "unclear"
    times = known.str.replace(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})", r"\3-\2-\1", regex=True)
    if parsed.isna().all() and pd.to_datetime(times, errors="coerce", format="mixed").notna().all():
        return "date"
    odd = known.str.fullmatch(r"[+-]?(inf|infinity)", case=False) | known.str.fullmatch(r"\d+[eE]\d+")
    for decimal, thousands in OTHER_NOTATIONS:
        odd |= numbers(known, decimal, thousands).notna()
    share = (parsed.notna() | odd).mean()
    return "unclear" if share >= NEARLY else "category"


def label_of(value):
    folded = " ".join(value.split()).lower()
    number = pd.to_numeric(folded, errors="coerce") if re.fullmatch(r"[+-]?\d+(\.\d*)?", folded) else None
    return folded if number is None else f"{float(number):g}"


def look(case):
    frame = pd.read_csv(
        case["file"],
        sep=case.get("sep", ","),
        encoding=case.get("encoding", "utf-8-sig"),
        skiprows=case.get("skip", 0),
        dtype=str,
        keep_default_na=False,
        compression="gzip" if open(case["file"], "rb").read(2) == b"\x1f\x8b" else None,
        index_col=False,
    )
    frame.columns = [f"column_{at + 1}" if name.startswith("Unnamed:") else name for at, name in enumerate(frame.columns)]
    missing = MISSING | {mark.lower() for mark in case.get("missing", [])}
    columns = {}
    for name in frame.columns:
        values = frame[name].fillna("").str.strip()
        unknown = values.str.lower().isin(missing)
        columns[name] = {"kind": kind_of(values[~unknown], case), "missing": int(unknown.sum())}
    labels = frame[case.get("label", "y")].fillna("").map(label_of).value_counts()
    return {"columns": columns, "labels": {value: int(rows) for value, rows in labels.items()}}


def main():
    results = []
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    for case in cases:
        try:
            results.append(look(case))
        except Exception as error:  # noqa: BLE001 any error of pandas
            results.append({"error": f"{type(error).__name__}: {error}"})
    json.dump(results, sys.stdout)


main()
