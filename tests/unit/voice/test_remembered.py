"""What is remembered of phrases: what they mean, never whose they are."""

from services.kernel.messages import Lang
from services.voice.understanding.question import PLACE, Intent, Understood, Words
from services.voice.understanding.remembered import Remembered

COMMON = frozenset({"is", "it", "out", "in", "my", "number", "six", "one", "three", "owed"})


class Asked:
    """Meets `Understanding`, and says what it was asked."""

    words = Words(COMMON, frozenset({"in"}))

    def __init__(self) -> None:
        self.heard: list[tuple[str, Lang]] = []

    def understand(self, words: str, lang: Lang) -> Understood:
        self.heard.append((words, lang))
        return Understood(Intent.OUTAGE_STATUS if lang == "en" else Intent.UNKNOWN, len(words) / 100)

    def tells_danger(self, words: str, lang: Lang) -> bool:
        return words == "fire"


def test_a_phrase_of_common_words_is_understood_once_in_each_language() -> None:
    asked = Asked()
    memory, phrase = Remembered(asked, 8, 40), f"is it out in {PLACE}"
    assert [memory.understand(phrase, lang) for lang in ("en", "fr", "en", "fr")] == [Asked().understand(phrase, lang) for lang in ("en", "fr", "en", "fr")]
    assert asked.heard == [(phrase, "en"), (phrase, "fr")]
    assert memory.words is asked.words
    assert memory.tells_danger("fire", "en")
    assert not memory.tells_danger("ice", "en")


def test_a_name_a_number_spelled_out_or_not_and_what_is_long_are_not_kept() -> None:
    asked = Asked()
    memory = Remembered(asked, 8, 40)
    private = ["is smith in", "is it 12", "my number is six one three", "is it out " * 4 + "in"]
    for phrase in private * 2:
        memory.understand(phrase, "en")
    assert [phrase for phrase, _ in asked.heard] == private * 2
    assert not any(len(kept) for kept in memory._kept.values())
    memory.understand("is six out", "en")
    assert len(memory._kept["en"]) == 1


def test_the_memory_is_as_large_as_it_was_made_and_none_at_all_is_one() -> None:
    asked = Asked()
    memory = Remembered(asked, 2, 40)
    for phrase in ("is", "it", "is", "out", "it", "is"):
        memory.understand(phrase, "en")
    assert [phrase for phrase, _ in asked.heard] == ["is", "it", "out", "it", "is"]
    assert len(memory._kept["en"]) == 2
    assert Remembered(asked, 0, 40).understand("is", "en").confidence == 0.02
