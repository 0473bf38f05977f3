"""Keras `model.fit` on TensorFlow, one thread: what users migrate from."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import tensorflow as tf
from network import build
from training_peer import serve_training

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)


def begin(features, labels, shape, batch):
    keras.utils.set_random_seed(1)
    model = build(shape, 0.5, 0.5)
    model.compile(keras.optimizers.Adam(1e-3), keras.losses.BinaryCrossentropy(from_logits=True))
    # Small batches take seconds per epoch: half an epoch is enough.
    rows = len(labels) // 2 if batch < 128 else len(labels)

    def draw():
        # `fit` shuffles itself.
        return None

    def train(_):
        history = model.fit(features[:rows], labels[:rows], batch_size=batch, epochs=1, verbose=0)
        return rows, history.history["loss"][-1]

    return draw, train


if __name__ == "__main__":
    serve_training(begin)
