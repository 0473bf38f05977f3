"""A whole epoch as one `jax.jit(lax.scan)` with optax's Adam, one thread: the fastest peer."""

import os

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from training_peer import serve_training, whole_batches

DROPOUT = 0.5


def initial(key, shape):
    """Kernel and bias of each layer."""
    sizes = [shape["features"], shape["node1"], shape["node2"], 1]
    draw = jax.nn.initializers.glorot_uniform()
    keys = jax.random.split(key, 3)
    return [(draw(k, pair), jnp.zeros(pair[1])) for k, pair in zip(keys, zip(sizes, sizes[1:]))]


def loss_of(parameters, features, labels, key):
    """Mean binary cross-entropy of a batch with dropout on."""
    hidden = features
    for (kernel, bias), k in zip(parameters[:2], jax.random.split(key)):
        hidden = jax.nn.relu(hidden @ kernel + bias)
        hidden = hidden * (jax.random.bernoulli(k, 1 - DROPOUT, hidden.shape) / (1 - DROPOUT))
    kernel, bias = parameters[2]
    logits = (hidden @ kernel + bias)[:, 0]
    return jnp.mean(jax.nn.softplus(logits) - labels * logits)


def begin(features, labels, shape, batch):
    all_features, all_labels = jnp.asarray(features), jnp.asarray(labels)
    optimizer = optax.adam(1e-3, eps=1e-7)
    parameters = initial(jax.random.PRNGKey(0), shape)
    state = {"parameters": parameters, "optimizer": optimizer.init(parameters), "key": jax.random.PRNGKey(1)}
    random = np.random.default_rng(1)

    @partial(jax.jit, donate_argnums=(0, 1))
    def epoch(parameters, moments, batches, key):
        def step(carry, rows):
            parameters, moments, key = carry
            key, masks = jax.random.split(key)
            batch_features, batch_labels = all_features[rows], all_labels[rows]
            loss, gradients = jax.value_and_grad(loss_of)(parameters, batch_features, batch_labels, masks)
            updates, moments = optimizer.update(gradients, moments)
            return (optax.apply_updates(parameters, updates), moments, key), loss

        (parameters, moments, key), losses = jax.lax.scan(step, (parameters, moments, key), batches)
        return parameters, moments, key, losses.mean()

    def draw():
        return jnp.asarray(whole_batches(len(labels), batch, random))

    def train(batches):
        state["parameters"], state["optimizer"], state["key"], loss = epoch(
            state["parameters"], state["optimizer"], batches, state["key"]
        )
        return batches.size, float(loss)

    return draw, train


if __name__ == "__main__":
    serve_training(begin)
