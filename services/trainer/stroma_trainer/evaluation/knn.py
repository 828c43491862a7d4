"""Weighted k-nearest-neighbour classification on frozen features (official eval_knn.py; paper §11.3: k 10 or 20)."""

import torch
from torch import Tensor
from torch.nn import functional as F

from stroma_trainer.errors import TrainerError
from stroma_trainer.evaluation.features import require_features, require_labels

TEMPERATURE = 0.07
CHUNK = 1024  # rows compared at once; the official split into 100 parts fails below 100 test images


def knn_shares(
    train: Tensor,
    labels: Tensor,
    test: Tensor,
    classes: int,
    k: int,
    temperature: float = TEMPERATURE,
    train_groups: Tensor | None = None,
    test_groups: Tensor | None = None,
    chunk: int = CHUNK,
) -> Tensor:
    """Each class's share of the votes, float64 [T, C]: the k most similar, weighted exp(cosine / temperature).

    train [N, D], labels int64 [N], test [T, D]. k is at most the number of neighbours that there are. Groups (int64,
    slide or patient): a crop never votes for one of its own group, which leaves one group out at a time when train and
    test are the same crops. Raises what require_features and require_labels do, bad_k, no_other_group.
    """
    require_features("the training crops'", train)
    require_features("the test crops'", test, train.shape[1])
    require_labels(labels, len(train), classes)
    if k < 1:
        raise TrainerError("bad_k", "k-NN needs neighbours", expected="k of at least 1", found=str(k))
    bank, queries = F.normalize(train.float(), dim=1), F.normalize(test.float(), dim=1)
    shares = torch.zeros(len(test), classes, dtype=torch.float64)
    for start in range(0, len(test), max(chunk, 1)):
        rows = slice(start, start + max(chunk, 1))
        cosine = queries[rows] @ bank.T
        if train_groups is not None and test_groups is not None:
            own = test_groups[rows].unsqueeze(1) == train_groups.unsqueeze(0)
            cosine = cosine.masked_fill(own, -torch.inf)
        near, ix = cosine.topk(min(k, len(bank)), dim=1)
        if bool(torch.isneginf(near[:, 0]).any()):
            raise TrainerError(
                "no_other_group",
                "a crop has no neighbour outside its own slide or patient",
                expected="crops of at least 2 groups",
                found="1 group",
                remedy="add crops of another slide",
            )
        # relative to the nearest: the shares stay, and no temperature overflows
        votes = ((near - near[:, :1]).double() / temperature).exp()
        shares[rows] = shares[rows].scatter_add(1, labels[ix], votes)
    return shares / shares.sum(dim=1, keepdim=True)
