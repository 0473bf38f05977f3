"""Code that all peers of the benchmark `training` share: data, warm-up, timed turns."""

import pathlib
import time

import numpy as np
from lines import serve


def serve_training(begin):
    """Answers "prepare" and "turn" of the benchmark.

    begin(features, labels, shape, batch) makes a fresh network for features [rows, columns] and returns two
    functions: draw() shuffles, untimed, and returns what train(drawn) needs; train returns (rows trained, mean loss),
    and may not return before the work is done.
    """
    state = {}

    def prepare(folder, shape, batch):
        """Creates a new network and trains it twice: once to compile, once to measure its speed."""
        state.clear()
        features, labels = read_matrix(folder, shape["features"])
        state["draw"], state["train"] = begin(features, labels, shape, batch)
        turn(0)
        return turn(0)

    def turn(seconds):
        """Trains whole passes for at least the given number of seconds."""
        rows, spent, loss = 0, 0.0, None
        while rows == 0 or spent < seconds:
            drawn = state["draw"]()
            began = time.perf_counter()
            trained, loss = state["train"](drawn)
            spent += time.perf_counter() - began
            rows += trained
        return {"turns": [{"rows": rows, "seconds": spent}], "loss": float(loss)}

    serve({"prepare": prepare, "turn": turn})


def read_matrix(folder, columns):
    """Features [rows, columns] and labels [rows], float32."""
    folder = pathlib.Path(folder) / str(columns)
    features = np.fromfile(folder / "features.f32", np.float32).reshape(-1, columns)
    return features, np.fromfile(folder / "labels.f32", np.float32)


def whole_batches(rows, batch, random):
    """A new random order of all rows as [batches, batch]; rows that don't fill a batch are omitted."""
    batches = rows // batch
    return random.permutation(rows)[: batches * batch].reshape(batches, batch).astype(np.int32)
