"""How fast one core multiplies float32 matrices: NumPy's OpenBLAS, one thread, square matrices."""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import time

import numpy as np
from lines import serve
from threadpoolctl import threadpool_info

SIZE = 2048
random = np.random.default_rng(1)
left, right = (random.standard_normal((SIZE, SIZE), np.float32) for _ in range(2))
out = np.empty((SIZE, SIZE), np.float32)


def prepare():
    np.matmul(left, right, out=out)
    blas = [info for info in threadpool_info() if info["user_api"] == "blas"][0]
    return {"size": SIZE, "library": f"{blas['internal_api']} {blas['version']} ({blas['architecture']})"}


def turn(seconds):
    """Multiplies for at least the given number of seconds."""
    products, spent = 0, 0.0
    while spent < seconds:
        began = time.perf_counter()
        np.matmul(left, right, out=out)
        spent += time.perf_counter() - began
        products += 1
    return {"gflops": 2 * SIZE**3 * products / spent / 1e9}


serve({"prepare": prepare, "turn": turn})
