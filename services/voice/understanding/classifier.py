"""A guess at what no template foresees: logistic regression on features of a question, one row of weights an intent.

Chosen by measurement (docs/understanding.md). Training takes some seconds, a guess 0.2 ms.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.voice.understanding.question import Intent

HELD_DOWN = 0.01
"""How much weights are held down: chosen by cross-validation, as all of these."""
STEPS = 80
"""Of fitting. More of them change nothing that counts."""
SHARPNESS = 1.25
"""How much surer a guess is than it was fitted to be: least log loss on utterances that it did not learn from."""
SAMPLE_WEIGHT = 0.2
"""How much a sentence sampled from a template counts beside one that somebody said."""
BIAS = 0.1
_SEEN_MIN = 2
"""A feature is kept if it is in as many examples."""

Floats = NDArray[np.float32]


class Example(Struct, frozen=True):
    """What to learn from."""

    features: Mapping[str, float]
    intent: Intent
    also: tuple[Intent, ...] = ()
    """Intents that would be right, too."""
    said: bool = False
    """Somebody really said it; else it is a sample of a template."""


class Model(Struct, frozen=True):
    """A trained classifier, as it is kept."""

    intents: list[Intent]
    vocabulary: dict[str, int]
    rarity: bytes
    novelty: float
    """The rarity of what was never seen."""
    weights: bytes


class Guesser:
    """Says how likely each intent is."""

    def __init__(self, model: Model) -> None:
        self._intents, self._vocabulary = model.intents, model.vocabulary
        self._rarity, self._novelty = np.frombuffer(model.rarity, np.float32), model.novelty
        self._weights = np.frombuffer(model.weights, np.float32).reshape(len(self._vocabulary) + 1, len(self._intents))

    def guess(self, features: Mapping[str, float]) -> list[tuple[Intent, float]]:
        """All intents, likeliest first, with how likely each is (together 1). The more of a question was never seen, the less surely."""
        known = [(at, value) for name, value in features.items() if (at := self._vocabulary.get(name)) is not None]
        places = np.array([at for at, _ in known], np.intp)
        plain = np.array([value for _, value in known], np.float32)
        values = plain * self._rarity[places]
        unseen = sum(value * value for value in features.values()) - float(plain @ plain)
        length = float(np.sqrt(values @ values + max(unseen, 0.0) * self._novelty**2)) or 1.0
        likely = softmax((values / length) @ self._weights[places] + self._weights[-1], SHARPNESS)
        return [(self._intents[row], float(likely[row])) for row in np.argsort(-likely, kind="stable")]


def train(examples: Sequence[Example]) -> Model:
    """A classifier that learned from `examples`; of the same examples always the same one."""
    intents = sorted({example.intent for example in examples})
    seen = Counter(name for example in examples for name in example.features)
    names = [name for name, count in seen.items() if count >= _SEEN_MIN]
    vocabulary = {name: at for at, name in enumerate(names)}
    rarity = np.array([np.log1p(len(examples) / seen[name]) for name in names], np.float32)
    rows = _rows(examples, vocabulary, rarity, novelty := float(np.log1p(len(examples))))
    meant = np.array([[float(intent == example.intent) for intent in intents] for example in examples], np.float32)
    heed = np.array([1.0 if example.said else SAMPLE_WEIGHT for example in examples], np.float32)
    duals = _fitted(rows @ rows.T + BIAS, meant, heed)
    weights = np.vstack([rows.T @ duals, BIAS * duals.sum(0, keepdims=True)]).astype(np.float32)
    return Model(intents, vocabulary, rarity.tobytes(), novelty, weights.tobytes())


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


def _rows(examples: Sequence[Example], vocabulary: Mapping[str, int], rarity: Floats, novelty: float) -> Floats:
    """Examples as rows of length 1, a feature that was seen too seldom to be kept counted in that length: as `Guesser.guess` counts what it never saw."""
    rows = np.zeros((len(examples), len(vocabulary)), np.float32)
    for row, example in zip(rows, examples, strict=True):
        unseen = 0.0
        for name, value in example.features.items():
            if (at := vocabulary.get(name)) is not None:
                row[at] = value * rarity[at]
            else:
                unseen += (value * novelty) ** 2
        row /= np.sqrt(row @ row + unseen) or 1.0
    return rows
