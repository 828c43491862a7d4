"""ABMIL on the slides' embeddings, one model a fold (paper §6.1, §11.3).

    python -m stroma_trainer train_abmil --run DIR    # inputs: bags

Each fold's model trains on the other folds and is tested on that fold after its last epoch: no epoch is chosen by
looking at test slides.
"""

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from stroma_trainer import world
from stroma_trainer.abmil import Abmil
from stroma_trainer.bags import Bag, Bags, read_bags
from stroma_trainer.device import prepare
from stroma_trainer.errors import TrainerError
from stroma_trainer.run_directory import RunDirectory, first_and_last, require_finite
from stroma_trainer.schedules import cosine
from stroma_trainer.seeds import derive, generator, seed_everything
from stroma_trainer.slide_metrics import auc_by_class, confidence_intervals, metrics
from stroma_trainer.weights import save_weights


def train(run: RunDirectory) -> tuple[dict[str, tuple[float, float]], dict[str, Any]]:
    if not world.leads():  # a fold is a matter of seconds: one process trains them all
        return {}, {}
    c = run.c
    device = prepare(c.device, c.threads)
    data = read_bags(run.input("bags"))
    saved = run.restore()
    state: dict[str, Any] = saved or {"done": {}, "history": {}, "out_of_fold": [], "current": None}
    run.progress("abmil", len(state["done"]), data.fold_count, "fold")
    for fold in range(data.fold_count):
        if str(fold) not in state["done"]:
            train_fold(run, data, fold, state, device)
        folder = run.model / f"fold-{fold}"
        folder.mkdir(exist_ok=True)
        arguments = abmil_arguments(c, data.embedding_dim, len(data.classes))
        card = {"kind": "abmil", "fold": fold, "classes": data.classes, "embedding_dim": data.embedding_dim}
        save_weights(folder / "abmil.safetensors", state["done"][str(fold)], arguments, card)
        run.progress("abmil", fold + 1, data.fold_count, "fold")

    losses = {f"fold-{fold}": first_and_last(values) for fold, values in state["history"].items()}
    return losses, evaluate(run, data, state["out_of_fold"])


def abmil_arguments(c: Any, embedding_dim: int, classes: int) -> dict[str, Any]:
    return {
        "embedding_dim": embedding_dim,
        "classes": classes,
        "att_dim": c.att_dim,
        "gated": c.gated,
        "proj_dim": c.proj_dim,
        "dropout": c.dropout,
    }


def train_fold(run: RunDirectory, data: Bags, fold: int, state: dict[str, Any], device: torch.device) -> None:
    c = run.c
    bags = [bag for bag in data.bags if bag.fold != fold]
    test = [bag for bag in data.bags if bag.fold == fold]
    if not bags:
        raise TrainerError(
            "fold_empty",
            f"fold {fold} leaves no labelled slide to train on",
            expected="labelled slides in at least 2 folds",
            remedy="label more slides or assign the folds anew",
        )
    if not test:
        run.log(f"Fold {fold} has no labelled slide: its model is trained but not tested.")
    seed_everything(run.seed, "weights", fold)
    model = Abmil(**abmil_arguments(c, data.embedding_dim, len(data.classes))).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=c.lr, weight_decay=c.weight_decay)
    history: list[float] = state["history"].setdefault(str(fold), [])
    if state["current"] is not None:
        model.load_state_dict(state["current"]["model"])
        optimizer.load_state_dict(state["current"]["optimizer"])
    for epoch in range(len(history), c.epochs):
        seed_everything(run.seed, "epoch", fold, epoch)
        rate = cosine(epoch, c.epochs, c.lr, c.lr_end)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = train_epoch(model, optimizer, bags, c.accumulate, generator(run.seed, "order", fold, epoch), device)
        require_finite(loss, f"fold-{fold}", epoch)
        history.append(loss)
        if run.metric_due(last=epoch + 1 == c.epochs):
            run.metric(f"fold-{fold}", epoch, {"loss": loss, "lr": rate})
        state["current"] = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
        run.save_if_due(lambda: state)
    model.eval()
    with torch.no_grad():
        for bag in test:
            probabilities = torch.softmax(model(bag.embeddings.to(device))[0].double(), dim=0)
            row = {"slide_id": bag.slide_id, "fold": fold, "label": bag.label, "probabilities": probabilities.tolist()}
            state["out_of_fold"].append(row)
    state["done"][str(fold)] = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
    state["current"] = None
    run.save_if_due(lambda: state, last=True)


def train_epoch(
    model: Abmil,
    optimizer: torch.optim.Optimizer,
    bags: list[Bag],
    accumulate: int,
    draws: torch.Generator,
    device: torch.device,
) -> float:
    """One bag a pass; gradients are averaged over groups of `accumulate`, the last group may be smaller."""
    model.train()
    total = 0.0
    for group in torch.randperm(len(bags), generator=draws).split(accumulate):
        optimizer.zero_grad(set_to_none=True)
        for ix in group.tolist():
            logits, _ = model(bags[ix].embeddings.to(device))
            loss = F.cross_entropy(logits.unsqueeze(0), torch.tensor([bags[ix].label], device=device))
            (loss / len(group)).backward()
            total += float(loss.detach())
        optimizer.step()
    return total / len(bags)


def evaluate(run: RunDirectory, data: Bags, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Metrics over all test slides pooled."""
    labels = np.array([row["label"] for row in rows], dtype=np.int64)
    probabilities = np.array([row["probabilities"] for row in rows], dtype=np.float64)
    patient = {bag.slide_id: bag.patient_id for bag in data.bags}
    patients = [patient[row["slide_id"]] for row in rows]
    areas = auc_by_class(labels, probabilities)
    for name, area in zip(data.classes, areas, strict=True):
        if np.isnan(area):
            run.log(f"AUC is undefined for the class {name!r}: the labelled slides are all or none of it.")
    seed = derive(run.seed, "bootstrap")
    return {
        "n_slides": len(rows),
        "n_folds": data.fold_count,
        **metrics(labels, probabilities),
        "auc_by_class": {name: float(area) for name, area in zip(data.classes, areas, strict=True)},
        "ci": confidence_intervals(labels, probabilities, patients, run.c.bootstrap_resamples, seed),
        "out_of_fold": rows,
    }
