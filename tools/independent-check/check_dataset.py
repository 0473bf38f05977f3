"""Rules R2 and R3: dataset.arrow against dataset.json."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc

BATCH_ROWS = 65_536
TEST_BELOW, VALIDATION_BELOW = 0.20, 0.36
OWN_COLUMNS = ["visit_id", "visitor_id", "visit_time", "label", "mark", "weight", "visitor_half"]
HALF_A, HALF_B = 0, 1


def check_dataset(version, findings) -> dict:
    """Returns the columns as numpy arrays: numbers with NaN for unknown, texts with None."""
    reader = ipc.open_file(version.dataset_file)
    sizes = [reader.get_batch(at).num_rows for at in range(reader.num_record_batches)]
    findings.add("R3", "batches hold 65,536 rows", all(one == BATCH_ROWS for one in sizes[:-1]), sizes[-1])
    table = reader.read_all()
    check_dictionaries(table, findings)
    columns = {name: to_numpy(table.column(name)) for name in table.column_names}
    sampling = version.sampling

    ids = [one.encode() for one in columns["visit_id"]]
    findings.add("R3", "rows are ordered by visit id, each once", ids == sorted(set(ids)), f"{len(ids)} rows")
    findings.add("R3", "dataset.json names the rows", sampling["rows"] == len(ids), sampling["rows"])
    features = [name for name in table.column_names if name not in OWN_COLUMNS]
    declared = [one["name"] for one in sampling["columns"]]
    findings.add("R3", "every declared column is there", sorted(declared) == sorted(features), len(features))
    check_counts(columns, sampling, findings)
    check_parts(columns, sampling, findings)
    check_marks(columns, sampling, findings)
    check_halves(columns, sampling, findings)
    return columns


def check_dictionaries(table: pa.Table, findings) -> None:
    for field in table.schema:
        if not pa.types.is_dictionary(field.type):
            continue
        levels = [one.encode() for one in table.column(field.name).chunk(0).dictionary.to_pylist()]
        if levels != sorted(set(levels)):
            findings.add("R3", f"levels of {field.name} are sorted by bytes", False, levels[:5])
            return
    findings.add("R3", "dictionaries are sorted by bytes", True, "all")


def check_counts(columns: dict, sampling: dict, findings) -> None:
    is_goal = columns["label"] == 1
    late = columns["mark"] == "out-of-time"
    for part, rows in (("training", ~late), ("outOfTime", late)):
        for kind, of_class in (("goals", is_goal), ("others", ~is_goal)):
            said = sampling[part][kind]
            drawn = int(np.sum(rows & of_class))
            findings.add("R2", f"{part} {kind} drawn", drawn == said["drawn"] <= said["population"], drawn)
            fraction = said["drawn"] / said["population"] if said["population"] else 1.0
            findings.close("R2", f"{part} {kind} fraction", said["fraction"], fraction, absolute=1e-12)
            if drawn and not (sampling["detrended"] and part == "training" and kind == "others"):
                weights = columns["weight"][rows & of_class]
                findings.close("R2", f"{part} {kind} weights are 1/f", weights, np.full(drawn, 1 / fraction), relative=1e-12)
            if drawn:
                total = float(np.sum(columns["weight"][rows & of_class]))
                findings.close("R2", f"{part} {kind} weights add up to the population", total, said["population"], relative=1e-9)
    training = sampling["training"]
    findings.add("R2", "at most 8 others for each goal", training["others"]["drawn"] <= 8 * training["goals"]["drawn"], "")
    for name, kind in (("f1", "goals"), ("f0", "others")):
        findings.close("R2", name, sampling[name], training[kind]["fraction"], absolute=1e-12)


def check_parts(columns: dict, sampling: dict, findings) -> None:
    times = columns["visit_time"]
    start, train_end, end = (np.datetime64(sampling["window"][one].rstrip("Z"), "ms") for one in ("start", "trainEnd", "end"))
    late = columns["mark"] == "out-of-time"
    findings.add("R1", "all rows are in the window", bool(np.all((times >= start) & (times < end))), f"{start} to {end}")
    findings.add("R3", "out-of-time is by date", bool(np.all((times >= train_end) == late)), int(np.sum(late)))


def check_marks(columns: dict, sampling: dict, findings) -> None:
    training = columns["mark"] != "out-of-time"
    visitors, marks = columns["visitor_id"][training], columns["mark"][training]
    mark_of: dict = {}
    split = sum(mark_of.setdefault(visitor, mark) != mark for visitor, mark in zip(visitors, marks))
    findings.add("R3", "every visitor has one mark", split == 0, f"{len(mark_of)} visitors")
    # The visitors' own ids are not in the file, so their shares stand for the hash: five standard errors.
    chosen = np.array(list(mark_of.values()))
    for mark, share in (("test", TEST_BELOW), ("validation", VALIDATION_BELOW - TEST_BELOW), ("train", 1 - VALIDATION_BELOW)):
        realised = float(np.mean(chosen == mark))
        error = np.sqrt(share * (1 - share) / len(chosen))
        findings.add("R3", f"share of visitors marked {mark}", abs(realised - share) <= 5 * error, f"{realised:.4f}")
    if sampling["markedBy"] == "visit":
        expected = [mark_by_hash(sampling["markSeed"], one) for one in columns["visit_id"][training]]
        findings.add("R3", "marks are h(markSeed, visit)", expected == list(marks), len(expected))


def check_halves(columns: dict, sampling: dict, findings) -> None:
    visitors, halves = columns["visitor_id"], columns["visitor_half"]
    half_of: dict = {}
    split = sum(half_of.setdefault(visitor, half) != half for visitor, half in zip(visitors, halves))
    findings.add("R3", "every visitor has one half", split == 0, f"{len(half_of)} visitors")
    late, is_a = columns["mark"] == "out-of-time", halves == HALF_A
    findings.add("R3", "no visitor marked test is in half a", not np.any(is_a & (columns["mark"] == "test")), "")
    chosen = np.array(list(half_of.values())) == HALF_A
    expected = (1 - TEST_BELOW) / 2
    error = np.sqrt(expected * (1 - expected) / len(chosen))
    findings.add("R3", "share of visitors in half a", abs(np.mean(chosen) - expected) <= 5 * error, f"{np.mean(chosen):.4f}")
    counted = {
        name: {"rows": int(np.sum(late & (halves == half))), "goals": int(np.sum(columns["label"][late & (halves == half)]))}
        for name, half in (("a", HALF_A), ("b", HALF_B))
    }
    findings.add("R3", "out-of-time halves are as recorded", counted == sampling["outOfTimeHalves"], counted)
    if sampling["markedBy"] == "visit":
        by_hash = [half_by_hash(sampling, one) for one in columns["visit_id"]]
        findings.add("R3", "halves are h(halfSeed, visit), test in b", by_hash == list(halves), len(by_hash))


def half_by_hash(sampling: dict, identity: str) -> int:
    is_test = hash_fraction(sampling["markSeed"], identity) < TEST_BELOW
    return HALF_A if not is_test and hash_fraction(sampling["halfSeed"], identity) < 0.5 else HALF_B


def hash_fraction(salt: str, identity: str) -> float:
    return int(hashlib.md5(f"{salt}|{identity}".encode()).hexdigest()[:13], 16) / 2**52


def mark_by_hash(salt: str, identity: str) -> str:
    fraction = hash_fraction(salt, identity)
    if fraction < TEST_BELOW:
        return "test"
    return "validation" if fraction < VALIDATION_BELOW else "train"


def to_numpy(column: pa.ChunkedArray) -> np.ndarray:
    kind = column.type
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind):
        return np.array(column.to_pylist(), dtype=object)
    return column.to_numpy()
