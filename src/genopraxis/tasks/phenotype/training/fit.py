"""Fit the ranker: gradient-boosted trees that learn the order of candidates (LambdaMART)."""

from __future__ import annotations

from collections.abc import Sequence

import lightgbm as lgb
import numpy as np

from genopraxis.tasks.phenotype.feature_names import FEATURES
from genopraxis.tasks.phenotype.training.examples import Example

ROUNDS = 300
PARAMETERS: dict[str, object] = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 20,
    "num_leaves": 31,
    "learning_rate": 0.06,
    "min_data_in_leaf": 100,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "seed": 1,
    # the same bytes whatever the number of threads
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


def fit_ranker(examples: Sequence[Example], *, threads: int) -> str:
    """Fit LambdaMART (Burges 2010, MSR-TR-2010-82) and return the model as LightGBM's text.

    Parameters
    ----------
    examples
        Each with a right candidate.
    """
    data = lgb.Dataset(
        np.concatenate([one.candidates.features for one in examples]),
        np.concatenate([one.right for one in examples]).astype(np.int32),
        group=np.array([len(one.right) for one in examples]),
        feature_name=list(FEATURES),
        free_raw_data=True,
    )
    booster = lgb.train({**PARAMETERS, "num_threads": threads}, data, ROUNDS)
    text: str = booster.model_to_string()
    # LightGBM writes down how it was called, the number of threads included
    return text[: text.index("\nparameters:")] + "\n"
