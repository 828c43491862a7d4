"""The evaluation as one HTML file that needs nothing else: pictures are inside, there is no script and no link.

It is opened from a disk or served in a sandbox; names of classes and slides come from outside and are escaped.
"""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from stroma_trainer.evaluation.svg import histogram, line_plot
from stroma_trainer.pictures import Picture

ENCODERS = {"encoder": "DINO (conditions the generator)", "gen_encoder": "Second encoder"}
MEASURES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "F1, macro",
    "macro_auc": "AUC, macro",
}
STYLE = """
:root { color-scheme: light dark; --ink: #14191b; --quiet: #5d6b71; --line: #d8dee0; --page: #fff;
  --s0: #1668b8; --s1: #b4530f; --s2: #5b7f2b; --s3: #8a3ba8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edef; --quiet: #9aa8ae; --line: #2c3538; --page: #0e1214;
  --s0: #6db3f2; --s1: #f0a05a; --s2: #a9cf70; --s3: #d29be8; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 1000px;
  margin: 32px auto; padding: 0 20px; }
h1 { font-size: 22px; } h2 { font-size: 17px; margin-top: 36px; }
p, figcaption, .legend { color: var(--quiet); } p.note { color: var(--ink); }
table { border-collapse: collapse; } th, td { text-align: left; padding: 4px 16px 4px 0; vertical-align: top;
  border-bottom: 1px solid var(--line); } td { font-variant-numeric: tabular-nums; } th { font-weight: 600; }
figure { margin: 16px 0; } figure img { max-width: 100%; image-rendering: auto; }
.plots { display: flex; flex-wrap: wrap; gap: 20px; } .plot { width: 460px; max-width: 100%; }
svg text { font-size: 11px; fill: var(--quiet); } svg line { stroke: var(--line); }
svg polyline { fill: none; stroke: currentColor; stroke-width: 2; } svg circle { fill: currentColor; }
.s0 { color: var(--s0); } .s1 { color: var(--s1); } .s2 { color: var(--s2); } .s3 { color: var(--s3); }
.key { margin-right: 14px; } .key::before { content: "■ "; }
"""


def report_page(title: str, metrics: dict[str, Any], pictures: dict[str, Picture]) -> str:
    """metrics: of result.json. pictures by name: `samples`, `walks`, `closest`, `attention encoder`, …"""
    encoders = [name for name in ENCODERS if name in metrics]
    body = [f"<h1>{escape(title)}</h1>", _opening(metrics)]
    body += _labels(metrics, encoders)
    body += _frechet(metrics, encoders)
    body += _pictured("Generated crops", ["samples"], pictures)
    body += _alpha(metrics, encoders)
    body += _pictured(None, ["walks"], pictures)
    body += _memorisation(metrics, encoders)
    body += _pictured(None, ["closest"], pictures)
    body += _pictured("Attention of the last block", [f"attention {name}" for name in ENCODERS], pictures)
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    viewport = '<meta name="viewport" content="width=device-width">'
    return f'<!doctype html><html lang="en"><head>{head}{viewport}</head><body>{"".join(body)}</body></html>'


def _opening(metrics: dict[str, Any]) -> str:
    looked = f"{metrics['crops']} of {metrics['crops_in_all']} crops, {metrics['slides']} slides."
    return f"<p>Computed on {looked} Synthetic crops are marked in every picture and never count as real ones.</p>"


def _labels(metrics: dict[str, Any], encoders: list[str]) -> Iterable[str]:
    judged = [name for name in encoders if metrics[name].get("labels")]
    if not judged:
        why = metrics.get("labels_left_out", "the crops have no labels")
        return ["<h2>What the encoder tells of the label</h2>", f"<p>Left out: {escape(why)}.</p>"]
    rows = []
    for name in judged:
        found = metrics[name]["labels"]
        scores = {f"k-NN, k {k}": score for k, score in found["knn"].items()} | {"Linear probe": found["probe"]}
        for how, score in scores.items():
            if score is None:
                rows.append([ENCODERS[name], how, escape(found["probe_left_out"]), "", "", ""])
            else:
                rows.append([ENCODERS[name], how, *(_interval(score, measure) for measure in MEASURES)])
    classes = ", ".join(escape(name) for name in metrics["classes"])
    first = next(iter(metrics[judged[0]]["labels"]["knn"].values()))
    return [
        "<h2>What the encoder tells of the label</h2>",
        _table(["Encoder", "Judge", *MEASURES.values()], rows),
        f"<p>{first['n']} crops of {first['n_groups']} patients; classes {classes}. A crop has its slide's label and "
        "is judged by crops of other patients only. In brackets: 95 % interval over resamples of patients. A slide's "
        "label is weak for a crop: compare encoders by it, nothing else.</p>",
    ]


def _frechet(metrics: dict[str, Any], encoders: list[str]) -> Iterable[str]:
    judged = [name for name in encoders if "frechet" in metrics[name]]
    if not judged:
        return []
    rows = []
    for name in judged:
        found = metrics[name]["frechet"]
        across, paired = found["across"], found["paired"]
        kinds = sorted(across)
        cells = [_number(found["floor"]), *(_number(across[kind]) for kind in kinds)]
        rows.append(
            [ENCODERS[name], *cells, str(found["half_n"]), *(_number(paired[kind]) for kind in kinds), str(found["n"])]
        )
    kinds = sorted(metrics[judged[0]]["frechet"]["across"])
    heads = ["Features of", "Real to real", *(f"Real to {kind}" for kind in kinds), "N a side"]
    heads += [*(f"All to {kind}" for kind in kinds), "N a side"]
    warnings = {metrics[name]["frechet"]["warning"] for name in judged} - {None}
    return [
        "<h2>Fréchet distance</h2>",
        _table(heads, rows),
        "<p>Real to real: two halves of different slides, the floor. Real to generated: one half's real crops against "
        "the crops generated from the other half's. Compare within a row and at equal N only; no published distance is "
        "comparable. The encoder that conditioned the generator is optimistic.</p>",
        *(f'<p class="note">{escape(str(warning))}</p>' for warning in sorted(warnings)),
    ]


def _alpha(metrics: dict[str, Any], encoders: list[str]) -> Iterable[str]:
    plots, words = [], []
    for name in encoders:
        for part, what in (("alpha_curve", "interpolated crops"), ("walks", "pairs below")):
            found = metrics[name].get(part)
            if not found:
                continue
            alphas = found["alpha_primary"]
            lines = {"to primary": (alphas, found["to_primary"]), "to secondary": (alphas, found["to_secondary"])}
            plot = line_plot(lines, "alpha_primary", f"mean cosine, {what}")
            plots.append(f"<figure>{plot}<figcaption>{ENCODERS[name]}</figcaption></figure>")
            if part == "alpha_curve":
                verdict = "rises with every alpha" if found["monotone"] else "does not rise with every alpha"
                words.append(f"{ENCODERS[name]}: the similarity {verdict} ({sum(found['n'])} interpolated crops).")
            else:
                words.append(
                    f"{ENCODERS[name]}: it rises at every step in {found['rising']:.0%} of {found['pairs']} pairs."
                )
    if not plots:
        return []
    return [
        "<h2>Along alpha</h2>",
        f'<div class="plots">{"".join(plots)}</div>',
        *(f"<p>{escape(word)}</p>" for word in words),
    ]


def _memorisation(metrics: dict[str, Any], encoders: list[str]) -> Iterable[str]:
    out: list[str] = []
    for name in encoders:
        found = metrics[name].get("memorisation")
        if not found:
            continue
        bins = {key.replace("_", " "): found["histogram"][key] for key in found["histogram"] if key != "edges"}
        plot = histogram(found["histogram"]["edges"], bins, "1 − cosine of copy-detection descriptors")
        out.append(
            f"<figure>{plot}<figcaption>{ENCODERS[name]}: {found['nearer_than_real']} of {found['n']} generated crops "
            f"are nearer to a training crop than {_number(found['threshold'])}, as 1 % of real crops are to one of "
            f"another slide; of these {found['nearer_than_real_to_another']} are near to a crop that is not their own."
            "</figcaption></figure>"
        )
    if not out:
        return []
    return [
        "<h2>Does the generator return its training crops?</h2>",
        f'<div class="plots">{"".join(out)}</div>',
        "<p>A generated crop is asked to resemble its own real crop; being near to another one is what to look at.</p>",
    ]


def _pictured(title: str | None, names: Sequence[str], pictures: dict[str, Picture]) -> Iterable[str]:
    shown = [pictures[name] for name in names if name in pictures]
    if not shown:
        return []
    return [*([f"<h2>{escape(title)}</h2>"] if title else []), *(figure(picture) for picture in shown)]


def figure(picture: Picture) -> str:
    data = base64.b64encode(picture.png).decode()
    caption = escape(picture.caption)
    size = f'width="{picture.width}" height="{picture.height}"'
    image = f'<img src="data:image/png;base64,{data}" {size} style="height:auto" alt="{caption}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _interval(score: dict[str, Any], measure: str) -> str:
    value, (low, high) = score[measure], score["ci"].get(measure, (None, None))
    return _number(value) if low is None else f"{_number(value)} ({_number(low)}–{_number(high)})"


def _number(value: float | None) -> str:
    return "undefined" if value is None or value != value else f"{value:.3g}"
