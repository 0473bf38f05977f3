"""The factory's network in Keras: Dense(node1, relu), Dense(node2, relu), Dense(1) with logits (RULES R5)."""

import keras


def build(shape, dropout1, dropout2):
    """Untrained; initial weights are drawn as the factory's engines draw theirs."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((shape["features"],)),
            layers.Dense(shape["node1"], "relu", kernel_initializer="he_normal"),
            layers.Dropout(dropout1),
            layers.Dense(shape["node2"], "relu", kernel_initializer="he_normal"),
            layers.Dropout(dropout2),
            layers.Dense(1),
        ]
    )
