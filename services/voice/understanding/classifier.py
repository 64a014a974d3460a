"""A guess at what no template foresees: ridge regression on features of a question, one row of weights an intent.

Chosen by measurement (docs/understanding.md). It has a closed form, so has leaving one example out: how sure a guess is, is
fitted to what the classifier says of each example when it has not seen it. Training takes a second or two, a guess 0.2 ms.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.voice.understanding.question import Intent

RIDGE = 0.2
"""How much weights are held down: chosen by cross-validation."""
SAMPLE_WEIGHT = 0.2
"""How much a sentence sampled from a template counts beside one that somebody said."""
BIAS = 0.1
_SEEN_MIN = 2
"""A feature is kept if it is in as many examples."""
_SHARPNESSES = np.geomspace(1.0, 12.0, 40)

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
    sharpness: float


class Guesser:
    """Says how likely each intent is."""

    def __init__(self, model: Model) -> None:
        self._intents, self._vocabulary, self._sharpness = model.intents, model.vocabulary, model.sharpness
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
        likely = softmax((values / length) @ self._weights[places] + self._weights[-1], self._sharpness)
        return [(self._intents[row], float(likely[row])) for row in np.argsort(-likely, kind="stable")]


def train(examples: Sequence[Example]) -> Model:
    """A classifier that learned from `examples`; of the same examples always the same one."""
    model, _ = trained(examples)
    return model


def trained(examples: Sequence[Example]) -> tuple[Model, Floats]:
    """The classifier, and how likely it calls each intent for each example that somebody said when it has not seen that one."""
    intents = sorted({example.intent for example in examples})
    seen = Counter(name for example in examples for name in example.features)
    names = [name for name, count in seen.items() if count >= _SEEN_MIN]
    vocabulary = {name: at for at, name in enumerate(names)}
    rarity = np.array([np.log1p(len(examples) / seen[name]) for name in names], np.float32)
    rows = _rows(examples, vocabulary, rarity, novelty := float(np.log1p(len(examples))))
    asked = np.array([[1.0 if intent == example.intent else -1.0 for intent in intents] for example in examples], np.float32)
    doubt = np.array([RIDGE if example.said else RIDGE / SAMPLE_WEIGHT for example in examples], np.float32)
    inverse = np.linalg.inv(rows @ rows.T + BIAS + np.diag(doubt))
    duals = inverse @ asked
    unseen = asked - duals / np.diag(inverse)[:, None]  # the closed form of leaving each one out
    said = [at for at, example in enumerate(examples) if example.said]
    right = [[intents.index(one) for one in (examples[at].intent, *examples[at].also) if one in intents] for at in said]
    sharpness = _sharpness(unseen[said], right)
    weights = np.vstack([rows.T @ duals, BIAS * duals.sum(0, keepdims=True)]).astype(np.float32)
    model = Model(intents, vocabulary, rarity.tobytes(), novelty, weights.tobytes(), sharpness)
    return model, softmax(unseen[said], sharpness)


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


def _sharpness(scores: Floats, right: Sequence[Sequence[int]]) -> float:
    """The sharpness under which what was right is likeliest (least log loss)."""
    if not len(scores):
        return float(_SHARPNESSES[0])

    def loss(sharpness: float) -> float:
        likely = softmax(scores, sharpness)
        return -float(np.mean([np.log(max(float(row[rights].sum()), 1e-9)) for row, rights in zip(likely, right, strict=True)]))

    return float(min(_SHARPNESSES, key=loss))
