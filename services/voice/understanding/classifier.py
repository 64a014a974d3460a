"""A guess at what no template foresees: logistic regression on features of a question, one row of weights a feature.

Chosen by measurement (docs/understanding.md). Training takes some seconds, a guess 0.2 ms.
"""

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.voice.understanding.question import Intent

HELD_DOWN = 0.001
"""How much weights are held down: chosen by cross-validation, as all of these."""
STEPS = 140
"""Of fitting. More of them change nothing that counts."""
SHARPNESS = 1.2
"""How much surer a guess is than it was fitted to be: least log loss on utterances that it did not learn from."""
SAMPLE_WEIGHT = 0.2
"""How much a sentence sampled from a template counts beside one that somebody said."""
BIAS = 0.1
_SEEN_MIN = 2
"""A feature is kept if it is in as many examples."""
_FEW = 32
"""What as many examples or fewer have is counted pair by pair: in a matrix it would be nearly all zeros."""
_BLOCK = 1024

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


class Example(Struct, frozen=True):
    """What to learn from."""

    features: Mapping[str, float]
    intent: Intent
    also: tuple[Intent, ...] = ()
    """Intents that would be right, too."""
    said: bool = False
    """Somebody really said it; else it is a sample of a template."""


class Model(Struct, frozen=True):
    """A trained classifier, as it is kept: half the width of a number is enough for what was learnt, and a checksum for a feature's name."""

    intents: list[Intent]
    names: bytes
    """Of each feature its checksum, in ascending order."""
    rarity: bytes
    novelty: float
    """The rarity of what was never seen."""
    weights: bytes
    """Of each feature how much it speaks for each intent; and last what speaks for it anyway."""


class Guesser:
    """Says how likely each intent is."""

    def __init__(self, model: Model) -> None:
        self._intents, self._novelty = model.intents, model.novelty
        self._names, self._rarity = np.frombuffer(model.names, np.uint32), np.frombuffer(model.rarity, np.float16)
        weights = np.frombuffer(model.weights, np.float16).reshape(len(self._names) + 1, len(self._intents))
        self._weights, self._anyway = weights[:-1], weights[-1].astype(np.float32)

    def guess(self, features: Mapping[str, float]) -> list[tuple[Intent, float]]:
        """All intents, likeliest first, with how likely each is (together 1). The more of a question was never seen, the less surely."""
        names = _checksums(features)
        places = np.searchsorted(self._names, names).clip(max=len(self._names) - 1)
        seen = self._names[places] == names
        values = np.fromiter(features.values(), np.float32, len(features)) * np.where(seen, self._rarity[places], np.float32(self._novelty))
        values /= np.sqrt(values @ values) or 1.0
        likely = softmax(values[seen] @ self._weights[places[seen]].astype(np.float32) + self._anyway, SHARPNESS)
        return [(self._intents[row], float(likely[row])) for row in np.argsort(-likely, kind="stable")]


def train(examples: Sequence[Example]) -> Model:
    """A classifier that learned from `examples`; of the same examples always the same one."""
    intents = sorted({example.intent for example in examples})
    rows = np.repeat(np.arange(len(examples)), [len(example.features) for example in examples])
    names, columns, seen = np.unique(np.concatenate([_checksums(example.features) for example in examples]), return_inverse=True, return_counts=True)
    rarity = np.log1p(len(examples) / seen).astype(np.float32)
    values = np.fromiter((value for example in examples for value in example.features.values()), np.float32, len(rows)) * rarity[columns]
    values /= np.sqrt(np.bincount(rows, values * values, len(examples)))[rows]  # with what is too seldom to be kept: a guess counts what it never saw
    order = np.argsort(columns, kind="stable")
    order = order[seen[columns[order]] >= _SEEN_MIN]
    rows, columns, values = rows[order], columns[order], values[order].astype(np.float32)
    meant = np.array([[float(intent == example.intent) for intent in intents] for example in examples], np.float32)
    heed = np.array([1.0 if example.said else SAMPLE_WEIGHT for example in examples], np.float32)
    duals = _fitted(_alike(rows, columns, values, len(examples)) + np.float32(BIAS), meant, heed)
    kept = np.flatnonzero(seen >= _SEEN_MIN)
    starts = np.searchsorted(columns, kept)
    weights = np.vstack([_summed(rows, values, starts, duals), BIAS * duals.sum(0, keepdims=True)])
    novelty = float(np.log1p(len(examples)))
    return Model(intents, names[kept].tobytes(), rarity[kept].astype(np.float16).tobytes(), novelty, weights.astype(np.float16).tobytes())


def _checksums(features: Mapping[str, float]) -> NDArray[np.uint32]:
    return np.fromiter((crc32(name.encode()) for name in features), np.uint32, len(features))


def _alike(rows: Numbers, columns: Numbers, values: Floats, count: int) -> Floats:
    """How much alike each two of `count` examples are, which have `values` in `columns`, sorted by these."""
    alike = np.zeros((count, count), np.float32)
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    sizes = np.diff(starts, append=len(columns))
    for size in range(1, _FEW + 1):
        at = starts[sizes == size][:, None] + np.arange(size)
        pairs = rows[at][:, :, None] * count + rows[at][:, None, :]
        np.add.at(alike.reshape(-1), pairs.reshape(-1), (values[at][:, :, None] * values[at][:, None, :]).reshape(-1))
    many = np.flatnonzero(sizes > _FEW)
    for first in range(0, len(many), _BLOCK):
        block = np.zeros((count, min(_BLOCK, len(many) - first)), np.float32)
        for place, feature in enumerate(many[first : first + _BLOCK]):
            at = slice(starts[feature], starts[feature] + sizes[feature])
            block[rows[at], place] = values[at]
        alike += block @ block.T
    return alike


def _summed(rows: Numbers, values: Floats, starts: Numbers, duals: Floats) -> Floats:
    """What the examples that have each feature say of it, added up: an intent at a time, as all together take much memory."""
    return np.stack([np.add.reduceat(values * said[rows], starts) for said in np.ascontiguousarray(duals.T)], axis=1)


def _fitted(alike: Floats, meant: Floats, heed: Floats) -> Floats:
    """How much each example speaks for each intent: logistic regression in terms of how much alike examples are, by Nesterov's accelerated gradient.

    In these terms it converges in a hundred steps or so, each a product of a matrix of examples with one of intents.
    """
    direction = np.ones(len(alike), np.float32)
    for _ in range(8):  # power iteration: the steepest that the loss can bend, and so how far a step may go
        direction = alike @ direction
        direction /= np.linalg.norm(direction)
    step = 1.0 / (0.5 * float(heed.max()) * float(direction @ (alike @ direction)) + HELD_DOWN)
    duals = ahead = np.zeros_like(meant)
    pace = 1.0
    for _ in range(STEPS):
        slope = heed[:, None] * (softmax(alike @ ahead, 1.0) - meant) + HELD_DOWN * ahead
        moved = ahead - step * slope
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = (moved + (pace - 1) / faster * (moved - duals)).astype(np.float32)
        duals, pace = moved, faster
    return duals


def softmax(scores: Floats, sharpness: float) -> Floats:
    """Scores as shares of 1."""
    raised = np.exp(sharpness * (scores - scores.max(-1, keepdims=True)))
    shares: Floats = raised / raised.sum(-1, keepdims=True)
    return shares
