"""Fit the scores: the judgements in `seeds` give `match_coefficients` and `guess_coefficients`.

Judgements kept for `rule-accuracy` are left out. A logistic regression by Newton's method, with a
small penalty on every weight except the constant. It prints how the score does on titles that it
was not fitted on, a fifth at a time: how many matches with a score in a band a person accepted, and
the share of best-scored matches that are right 0.95 of the time.
"""

import csv
import math
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
PENALTY = 0.5
ROUNDS = 30
FOLDS = 5
JUDGED = {"match": ("judged_matches", 1.5), "guess": ("judged_guesses", 0.0)}
"""The data of each score, and its knee: above these log odds a match is right more often than the
regression predicts, a guess less often."""
BANDS = (0.0, 0.4, 0.6, 0.8, 0.9, 0.95, 1.01)

Row = list[float]


def solved(matrix: list[Row], values: Row) -> Row:
    """Return the solution of a system of linear equations, by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, values, strict=True)]
    size = len(rows)
    for column in range(size):
        best = max(range(column, size), key=lambda nth: abs(rows[nth][column]))
        rows[column], rows[best] = rows[best], rows[column]
        for nth in range(size):
            if nth != column:
                share = rows[nth][column] / rows[column][column]
                rows[nth] = [a - share * b for a, b in zip(rows[nth], rows[column], strict=True)]
    return [row[-1] / row[nth] for nth, row in enumerate(rows)]


def logit(weights: Row, row: Row) -> float:
    """Return the log odds that a person accepts the match."""
    return sum(w * x for w, x in zip(weights, row, strict=True))


def likely(odds: float) -> float:
    """Return the likelihood for log odds."""
    return 1 / (1 + math.exp(-odds))


def fitted(rows: list[Row], right: Row) -> Row:
    """Return the weights, the constant's first."""
    size = len(rows[0])
    weights = [0.0] * size
    for _ in range(ROUNDS):
        scores = [likely(logit(weights, row)) for row in rows]
        slopes = [-PENALTY * w if nth else 0.0 for nth, w in enumerate(weights)]
        curves = [[PENALTY if a == b and a else 0.0 for b in range(size)] for a in range(size)]
        for row, found, wanted in zip(rows, scores, right, strict=True):
            for a in range(size):
                slopes[a] += (wanted - found) * row[a]
                for b in range(size):
                    curves[a][b] += found * (1 - found) * row[a] * row[b]
        step = solved(curves, slopes)
        weights = [w + s for w, s in zip(weights, step, strict=True)]
    return weights


def each_unseen(rows: list[Row], right: Row, titles: list[int]) -> Iterator[tuple[Row, Row, float]]:
    """Yield each match with weights that were fitted without the matches of its title."""
    for fold in range(FOLDS):
        kept = [nth for nth, title in enumerate(titles) if title % FOLDS != fold]
        weights = fitted([rows[nth] for nth in kept], [right[nth] for nth in kept])
        for nth, title in enumerate(titles):
            if title % FOLDS == fold:
                yield weights, rows[nth], right[nth]


def main() -> None:
    """Fit, write, and print the calibration of both."""
    for of, (judged, knee) in JUDGED.items():
        sys.stdout.write(f"{judged}\n")
        fit(SEEDS / f"{judged}.csv", SEEDS / f"{of}_coefficients.csv", knee)


def fit(source: Path, target: Path, knee: float) -> None:
    """Fit to the judgements, write the coefficients, and print the calibration."""
    with source.open(encoding="utf-8", newline="") as stream:
        judged = [match for match in csv.DictReader(stream) if match["kept"] == "0"]
    features = [name for name in judged[0] if name not in {"title", "right", "kept"}]
    titles = [int(match.get("title", nth)) for nth, match in enumerate(judged)]
    rows = [[1.0, *(float(match[name]) for name in features)] for match in judged]
    right = [float(match["right"]) for match in judged]
    # On unseen titles a fitted score is miscalibrated: three more weights correct that.
    unseen = [
        (logit(other, row), wanted) for other, row, wanted in each_unseen(rows, right, titles)
    ]
    bent = [[1.0, found, max(found - knee, 0.0)] for found, _ in unseen]
    shift, slope, rise = fitted(bent, [wanted for _, wanted in unseen])
    weights = [slope * weight for weight in fitted(rows, right)]
    weights[0] += shift
    named = [*zip(["constant", *features], weights, strict=True)]
    write(target, named, shift + slope * knee, rise / slope)
    scores = [likely(logit([shift, slope, rise], row)) for row in bent]
    tell([*zip(scores, (wanted for _, wanted in unseen), strict=True)])


def write(target: Path, weights: list[tuple[str, float]], knee: float, rise: float) -> None:
    """Write the coefficients."""
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("feature", "coefficient"))
        for name, weight in [*weights, ("knee", knee), ("rise", rise)]:
            writer.writerow((name, round(weight, 4)))


def tell(scores: list[tuple[float, float]]) -> None:
    """Print the calibration, and how many of the best matches are right 0.95 of the time."""
    for low, high in pairwise(BANDS):
        band = [accepted for found, accepted in scores if low <= found < high]
        share = sum(band) / len(band) if band else 0.0
        band_told = f"{low:.2f} to {min(high, 1):.2f}  {len(band):>4} matches"
        sys.stdout.write(f"{band_told}  {share:.2f} accepted\n")
    accepted = [wanted for _, wanted in sorted(scores, reverse=True)]
    sure = max((n for n in range(1, len(accepted) + 1) if sum(accepted[:n]) >= 0.95 * n), default=0)
    sys.stdout.write(f"the best {sure / len(accepted):.2f} of them are right 0.95 of the time\n")


if __name__ == "__main__":
    main()
