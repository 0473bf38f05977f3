"""The factory's trials in Keras `fit`: same rows, network, optimizer, early stopping and learning-rate decay (rules R5).

Reads a folder as tools/bench/data/matrix-folder.mjs writes it. Threads as Keras chooses them.
"""

import json
import os
import pathlib
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
from lines import serve
from network import build

# Evaluates many rows in few steps, like the factory.
EVALUATION_ROWS = 4096
OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "nadam": keras.optimizers.Nadam,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}
data = {}


def load(folder):
    folder = pathlib.Path(folder)
    width = json.loads((folder / "matrix.json").read_text())["width"]
    features = np.fromfile(folder / "features.f32", np.float32).reshape(-1, width)
    labels = np.fromfile(folder / "labels.u8", np.uint8).astype(np.float32)
    data.clear()
    data["width"] = width
    for part in ("train", "validation", "test"):
        rows = np.fromfile(folder / f"{part}.u32", np.uint32)
        data[part] = (features[rows], labels[rows])
    return {part: len(data[part][1]) for part in ("train", "validation", "test")}


def train(combination, seed, logits):
    """Trains one combination to its end and writes logits-<part>.f32 of the best epoch's weights to `logits`.

    The seed is that of initial weights and dropout. Not `keras.utils.set_random_seed`: with it `fit` visits the rows
    in the same order in every epoch.
    """
    began = time.perf_counter()
    shape = {"features": data["width"], "node1": combination["node1"], "node2": combination["node2"]}
    model = build(shape, combination["dropout1"], combination["dropout2"], seed)
    optimizer = OPTIMIZERS[combination["optimizer"]](combination["learningRate"])
    model.compile(optimizer, keras.losses.BinaryCrossentropy(from_logits=True))
    history = model.fit(
        *data["train"],
        batch_size=combination["batchSize"],
        epochs=combination["epochs"],
        validation_data=data["validation"],
        validation_batch_size=EVALUATION_ROWS,
        callbacks=callbacks_of(combination),
        verbose=0,
    )
    # The trainer's time per trial includes this, too.
    for part in ("train", "validation", "test"):
        model.predict(data[part][0], batch_size=EVALUATION_ROWS, verbose=0).astype(np.float32).tofile(
            pathlib.Path(logits) / f"logits-{part}.f32"
        )
    return {"seconds": time.perf_counter() - began, "epochs": len(history.epoch)}


def callbacks_of(combination):
    return [
        keras.callbacks.EarlyStopping("val_loss", min_delta=1e-4, patience=5, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau(
            "val_loss", factor=combination["lrAnnealing"], patience=3, min_delta=1e-4, min_lr=1e-6
        ),
    ]


serve({"load": load, "train": train})
