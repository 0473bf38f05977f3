"""The factory's network in Keras: Dense(node1, relu), Dense(node2, relu), Dense(1) with logits (rules R5)."""

import itertools

import keras


def build(shape, dropout1, dropout2, seed=None):
    """Untrained; initial weights are drawn as the factory's engines draw theirs."""
    layers, initializers = keras.layers, keras.initializers
    seeds = iter(range(5 * seed, 5 * seed + 5)) if seed is not None else itertools.repeat(None)
    return keras.Sequential(
        [
            keras.Input((shape["features"],)),
            layers.Dense(shape["node1"], "relu", kernel_initializer=initializers.HeNormal(next(seeds))),
            layers.Dropout(dropout1, seed=next(seeds)),
            layers.Dense(shape["node2"], "relu", kernel_initializer=initializers.HeNormal(next(seeds))),
            layers.Dropout(dropout2, seed=next(seeds)),
            layers.Dense(1, kernel_initializer=initializers.GlorotUniform(next(seeds))),
        ]
    )
