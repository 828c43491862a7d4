"""What an encoder's features tell of a label: k-NN and the linear probe, scored alike.

A slide's label stands for each of its crops. It is weak: most crops of a slide look the same whatever its grade, so
these scores watch an encoder and compare two on the same crops. They are no grade.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stroma_trainer.evaluation.features import Features, require_labels
from stroma_trainer.evaluation.groups import parts
from stroma_trainer.evaluation.knn import knn_shares
from stroma_trainer.evaluation.linear_probe import linear_probe
from stroma_trainer.slide_metrics import confidence_intervals, metrics


def held_out_scores(
    features: Features, labels: Tensor, classes: int, groups: Tensor, c: Any, seed: int
) -> dict[str, Any]:
    """Every crop judged by crops of other groups (patients): k-NN leaves one group out at a time, the probe a fold.

    c: the settings of [evaluate]. labels, groups: int64 [N]. Raises one_class, labels_mismatch, no_other_group.
    """
    require_labels(labels, len(features.cls), classes)
    knn = {}
    for k in c.knn_k:
        shares = knn_shares(features.cls, labels, features.cls, classes, k, c.knn_temperature, groups, groups)
        knn[str(k)] = scores(labels, shares, groups, c.bootstrap_resamples, seed)
    folds = parts(groups, c.probe_folds, seed)
    pooled = torch.zeros(len(labels), classes, dtype=torch.float64)
    rates = []
    for fold in folds:
        rest = torch.ones(len(labels), dtype=torch.bool)
        rest[fold] = False
        if len(labels[rest].unique()) < 2:
            why = "without one fold's patients, the crops to learn from are of one class"
            return {"knn": knn, "probe": None, "probe_left_out": why}
        probe = linear_probe(
            features.last_blocks[rest],
            labels[rest],
            classes,
            seed,
            groups[rest],
            c.probe_learning_rates,
            c.probe_epochs,
        )
        pooled[fold] = probe.probabilities(features.last_blocks[fold])
        rates.append(probe.lr)
    probed = scores(labels, pooled, groups, c.bootstrap_resamples, seed)
    return {"knn": knn, "probe": probed | {"folds": len(folds), "learning_rates": rates}}


def transfer_scores(
    train: Features, labels: Tensor, test: Features, truth: Tensor, classes: int, groups: Tensor, c: Any, seed: int
) -> dict[str, Any]:
    """Test crops judged by training crops. groups: the test crops' (slide or patient), for the intervals, int64 [T]."""
    require_labels(labels, len(train.cls), classes)
    knn = {}
    for k in c.knn_k:
        shares = knn_shares(train.cls, labels, test.cls, classes, k, c.knn_temperature)
        knn[str(k)] = scores(truth, shares, groups, c.bootstrap_resamples, seed)
    rates: Sequence[float] = c.probe_learning_rates
    probe = linear_probe(train.last_blocks, labels, classes, seed, None, rates, c.probe_epochs)
    probed = scores(truth, probe.probabilities(test.last_blocks), groups, c.bootstrap_resamples, seed)
    return {"knn": knn, "probe": probed | {"learning_rate": probe.lr, "searched": probe.searched}}


def scores(labels: Tensor, probabilities: Tensor, groups: Tensor, resamples: int, seed: int) -> dict[str, Any]:
    """Accuracy, balanced accuracy, macro F1 and AUC, kappa; intervals over resamples of whole groups."""
    truth, found = labels.numpy().astype(np.int64), probabilities.numpy()
    owners = [str(group) for group in groups.tolist()]
    return {
        "n": len(truth),
        "n_groups": len(set(owners)),
        **metrics(truth, found),
        "ci": confidence_intervals(truth, found, owners, resamples, seed),
    }
