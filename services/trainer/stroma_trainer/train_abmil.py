"""ABMIL on the slides' embeddings, `seeds` models a fold (paper §6.1, §11.3).

    python -m stroma_trainer train_abmil --run DIR    # inputs: bags

Each model trains on the other folds and is tested on its own after its last epoch: no epoch is chosen by looking at
test slides. A slide's out-of-fold probabilities are the mean over its fold's models.
"""

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from stroma_trainer import world
from stroma_trainer.abmil import Abmil
from stroma_trainer.bags import Bag, Bags, read_bags
from stroma_trainer.calibration import calibration
from stroma_trainer.device import prepare
from stroma_trainer.errors import TrainerError
from stroma_trainer.run_directory import RunDirectory, first_and_last, require_finite
from stroma_trainer.schedules import cosine
from stroma_trainer.seeds import derive, generator, seed_everything
from stroma_trainer.slide_metrics import auc_by_class, confidence_intervals, confusion_matrix, metrics
from stroma_trainer.weights import save_weights


def train(run: RunDirectory) -> tuple[dict[str, tuple[float, float]], dict[str, Any]]:
    if not world.leads():  # a fold is a matter of seconds: one process trains them all
        return {}, {}
    c = run.c
    device = prepare(c.device, c.threads)
    data = read_bags(run.input("bags"))
    saved = run.restore()
    state: dict[str, Any] = saved or {"done": {}, "history": {}, "out_of_fold": [], "current": None}
    models = [(fold, seed_ix) for fold in range(data.fold_count) for seed_ix in range(c.seeds)]
    run.progress("abmil", len(state["done"]), len(models), "model")
    for count, (fold, seed_ix) in enumerate(models, 1):
        name = model_name(fold, seed_ix)
        if name not in state["done"]:
            train_model(run, data, fold, seed_ix, state, device)
        folder = run.model / name
        folder.mkdir(exist_ok=True)
        arguments = abmil_arguments(c, data.embedding_dim, len(data.classes))
        card = {"kind": "abmil", "fold": fold, "classes": data.classes, "embedding_dim": data.embedding_dim}
        if c.seeds > 1:
            card["seed_ix"] = seed_ix
        save_weights(folder / "abmil.safetensors", state["done"][name], arguments, card)
        run.progress("abmil", count, len(models), "model")

    losses = {name: first_and_last(values) for name, values in state["history"].items()}
    return losses, evaluate(run, data, state["out_of_fold"])


def model_name(fold: int, seed_ix: int) -> str:
    """Of the folder, the curve and the loss. The first seed's is the fold's alone."""
    return f"fold-{fold}-seed-{seed_ix}" if seed_ix else f"fold-{fold}"


def random_names(fold: int, seed_ix: int) -> tuple[int, ...]:
    """What a model's draws are named by; the first seed's by the fold alone, so that one seed stays what it was."""
    return (fold, seed_ix) if seed_ix else (fold,)


def abmil_arguments(c: Any, embedding_dim: int, classes: int) -> dict[str, Any]:
    return {
        "embedding_dim": embedding_dim,
        "classes": classes,
        "att_dim": c.att_dim,
        "gated": c.gated,
        "proj_dim": c.proj_dim,
        "dropout": c.dropout,
    }


def train_model(
    run: RunDirectory, data: Bags, fold: int, seed_ix: int, state: dict[str, Any], device: torch.device
) -> None:
    c, name, draws = run.c, model_name(fold, seed_ix), random_names(fold, seed_ix)
    bags = [bag for bag in data.bags if bag.fold != fold]
    test = [bag for bag in data.bags if bag.fold == fold]
    if not bags:
        raise TrainerError(
            "fold_empty",
            f"fold {fold} leaves no labelled slide to train on",
            expected="labelled slides in at least 2 folds",
            remedy="label more slides or assign the folds anew",
        )
    if not test and seed_ix == 0:
        run.log(f"Fold {fold} has no labelled slide: its model is trained but not tested.")
    seed_everything(run.seed, "weights", *draws)
    model = Abmil(**abmil_arguments(c, data.embedding_dim, len(data.classes))).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=c.lr, weight_decay=c.weight_decay)
    history: list[float] = state["history"].setdefault(name, [])
    if state["current"] is not None:
        model.load_state_dict(state["current"]["model"])
        optimizer.load_state_dict(state["current"]["optimizer"])
    for epoch in range(len(history), c.epochs):
        seed_everything(run.seed, "epoch", *draws, epoch)
        rate = cosine(epoch, c.epochs, c.lr, c.lr_end)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = train_epoch(model, optimizer, bags, c.accumulate, generator(run.seed, "order", *draws, epoch), device)
        require_finite(loss, name, epoch)
        history.append(loss)
        if run.metric_due(last=epoch + 1 == c.epochs):
            run.metric(name, epoch, {"loss": loss, "lr": rate})
        state["current"] = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
        run.save_if_due(lambda: state)
    model.eval()
    with torch.no_grad():
        for bag in test:
            probabilities = torch.softmax(model(bag.embeddings.to(device))[0].double(), dim=0)
            row = {"slide_id": bag.slide_id, "fold": fold, "label": bag.label, "probabilities": probabilities.tolist()}
            state["out_of_fold"].append({**row, "seed_ix": seed_ix})
    state["done"][name] = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
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
    """Metrics over all test slides pooled, a slide's probabilities averaged over the seeds; and of each model alone."""
    patient = {bag.slide_id: bag.patient_id for bag in data.bags}
    first = {row["slide_id"]: row for row in reversed(rows)}
    slides = [first[slide_id] for slide_id in dict.fromkeys(row["slide_id"] for row in rows)]
    labels = np.array([row["label"] for row in slides], dtype=np.int64)
    answers: dict[str, list[list[float]]] = {}
    for row in rows:
        answers.setdefault(row["slide_id"], []).append(row["probabilities"])
    probabilities = np.array([np.mean(answers[row["slide_id"]], axis=0) for row in slides], dtype=np.float64)
    patients = [patient[row["slide_id"]] for row in slides]
    areas = auc_by_class(labels, probabilities)
    for name, area in zip(data.classes, areas, strict=True):
        if np.isnan(area):
            run.log(f"AUC is undefined for the class {name!r}: the labelled slides are all or none of it.")
    folds = [row["fold"] for row in slides]
    found, honest, abstains = calibration(
        labels, probabilities, folds, run.c.abstain_target_accuracy, run.c.abstain_least_slides
    )
    seed = derive(run.seed, "bootstrap")
    return {
        "n_slides": len(slides),
        "n_patients": len(set(patients)),
        "n_folds": data.fold_count,
        "n_seeds": run.c.seeds,
        "classes": data.classes,
        **metrics(labels, probabilities),
        "auc_by_class": {name: float(area) for name, area in zip(data.classes, areas, strict=True)},
        "ci": confidence_intervals(labels, probabilities, patients, run.c.bootstrap_resamples, seed),
        "confusion": confusion_matrix(labels, probabilities).astype(int).tolist(),
        "models": of_each_model(rows),
        "calibration": found,
        "out_of_fold": [
            {
                "slide_id": row["slide_id"],
                "fold": row["fold"],
                "label": row["label"],
                "probabilities": probabilities[ix].tolist(),
                "calibrated": honest[ix].tolist(),
                "abstains": abstains[ix],
            }
            for ix, row in enumerate(slides)
        ],
    }


def of_each_model(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A fold's model on that fold's slides: what the paper averages over five folds (PANDA) or three seeds (BRIGHT)."""
    named: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for row in rows:
        named.setdefault((row["fold"], row["seed_ix"]), []).append(row)
    return [
        {
            "fold": fold,
            "seed_ix": seed_ix,
            "n_slides": len(own),
            **metrics(np.array([row["label"] for row in own]), np.array([row["probabilities"] for row in own])),
        }
        for (fold, seed_ix), own in named.items()
    ]
