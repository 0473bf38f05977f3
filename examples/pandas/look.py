# %% [markdown]
# A run's rows and scores in pandas, cell by cell. As a program: look.py FOLDER, with runs/<run>/ of the bucket.

# %%
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

folder = Path(sys.argv[1])


def read(name: str) -> pd.DataFrame:
    """The newest file of that name; a stage that was done twice left two."""
    file = max(folder.rglob(name), key=lambda one: one.stat().st_mtime)
    return pa.ipc.open_file(file).read_all().to_pandas()


# %% The dataset: one row per visit, raw values, unknown = null. Each row represents `weight` visits of the shop.
dataset = read("dataset.arrow")
print(dataset.head(3).to_string())
print(dataset.groupby("mark", observed=True).agg(rows=("label", "size"), goals=("label", "sum"), visits=("weight", "sum")))

# %% The shop's own base rate, not the sample's: always with weights.
print(f"sample {dataset.label.mean():.4f}, shop {np.average(dataset.label, weights=dataset.weight):.4f}")

# %% The winner's score of every row, in the same order.
scores = read("scores.arrow")
assert (scores.visit_id == dataset.visit_id).all()
both = dataset.assign(probability=scores.probability, judging=scores.judging)

# %% Is it calibrated? Ten bins of the judging rows: predicted and observed rate.
judging = both[both.judging].sort_values("probability")
share = judging.weight.cumsum() / judging.weight.sum()
bins = np.minimum((10 * share).astype(int), 9)
table = judging.groupby(bins).apply(
    lambda rows: pd.Series(
        {
            "visits": rows.weight.sum(),
            "predicted": np.average(rows.probability, weights=rows.weight),
            "observed": np.average(rows.label, weights=rows.weight),
        }
    ),
    include_groups=False,
)
print(table.round(4).to_string())

# %% What goes with a high score, by hand: the weighted mean of each column's score.
for column in both.select_dtypes("category").columns.difference(["mark", "visitor_id", "visit_id"]):
    by = both.groupby(column, observed=True).apply(lambda rows: np.average(rows.probability, weights=rows.weight), include_groups=False)
    print(f"{column}: " + ", ".join(f"{level} {value:.3f}" for level, value in by.sort_values(ascending=False).items()))
