"""What comes before all else: a wire down, sparks, fire, a shock. Looked for in any words, as missing one is the worst mistake there is."""

from collections.abc import Iterable, Mapping, Sequence

from services.voice.understanding.fold import fold

_LISTS = ("alone", "things", "happens", "unless", "advice")
NEAR_WORDS = 9
"""So many words may lie between a thing of ours and what happens to it; further apart it happens to something else."""


class Dangers:
    """The words of danger of one language: `_danger.yaml`."""

    def __init__(self, listed: Mapping[str, Sequence[str]]) -> None:
        """Raises ValueError for a list that is none of ours."""
        if unknown := set(listed) - set(_LISTS):
            raise ValueError(f"_danger.yaml has {', '.join(sorted(unknown))}; it takes {', '.join(_LISTS)}")
        self._alone, self._things, self._happens, self._unless, self._advice = (_phrases(listed.get(name, ())) for name in _LISTS)

    def told(self, words: Sequence[str]) -> bool:
        """Whether these folded words tell of a danger: one that is named as such, or a thing of ours and what must not happen to it.

        The latter not where it is asked about ('did a tree fall on a line?'), neither where advice is sought: 'how far from a fallen wire?'.
        """
        said = f" {' '.join(words)} "
        if _any(self._advice, said):
            return False
        if _any(self._alone, said):
            return True
        if not _any(self._things, said) or _any(self._unless, said):
            return False
        happens = _ats(self._happens, said)
        return any(abs(thing - at) <= NEAR_WORDS for thing in _ats(self._things, said) for at in happens)


def _phrases(listed: Iterable[str]) -> tuple[str, ...]:
    return tuple(f" {fold(phrase)} " for phrase in listed)


def _any(phrases: tuple[str, ...], said: str) -> bool:
    return any(phrase in said for phrase in phrases)


def _ats(phrases: tuple[str, ...], said: str) -> list[int]:
    """Where these phrases are, in words from the beginning: each at its first place."""
    return [said.count(" ", 0, at) for phrase in phrases if (at := said.find(phrase)) >= 0]
