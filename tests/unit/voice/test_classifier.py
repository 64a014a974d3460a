"""The classifier on a handful of examples: what it learns, what makes it doubt, and that of the same examples it always learns the same."""

from services.voice.understanding.classifier import Example, Guesser, train
from services.voice.understanding.features import Concepts, features
from services.voice.understanding.question import Intent

CONCEPTS = Concepts({"back": ["back", "return*", "up again"], "owe": ["owe", "bill"]})
SAID = {
    Intent.OUTAGE_RESTORATION: ["when is it back", "will it return tonight", "is it up again soon", "when will it be back"],
    Intent.ACCOUNT_BALANCE: ["what do i owe", "how much do i owe you", "how high is my bill", "what is my bill"],
    Intent.UNKNOWN: ["tell me a joke", "what a lovely day", "sing me a song", "tell me a story"],
}
COMMON = 12
"""Examples of each, so that more have a word than those few whose pairs are counted one by one."""


def examples(times: int = 1) -> list[Example]:
    return [Example(features(text.split(), CONCEPTS), intent, said=True) for intent, texts in SAID.items() for text in texts for _ in range(times)]


def likeliest(guesser: Guesser, text: str) -> tuple[Intent, float]:
    return guesser.guess(features(text.split(), CONCEPTS))[0]


def test_what_was_not_said_before_is_known_by_what_it_stands_for_and_its_pieces() -> None:
    guesser = Guesser(train(examples()))
    assert likeliest(guesser, "are they returning")[0] is Intent.OUTAGE_RESTORATION
    assert likeliest(guesser, "the bill")[0] is Intent.ACCOUNT_BALANCE
    assert likeliest(guesser, "joking")[0] is Intent.UNKNOWN


def test_the_more_of_a_question_was_never_seen_the_less_sure_is_the_guess() -> None:
    guesser = Guesser(train(examples()))
    sure = likeliest(guesser, "what do i owe")[1]
    assert sure > likeliest(guesser, "what do i owe zyx")[1] > likeliest(guesser, "what do i owe zyx vut qrp klm")[1]
    shares = [share for _, share in guesser.guess(features(["zyxvut"], CONCEPTS))]
    assert len(shares) == len(SAID)
    assert abs(sum(shares) - 1) < 1e-6
    assert len(guesser.guess({})) == len(SAID)


def test_what_many_examples_have_counts_as_what_few_have() -> None:
    guesser = Guesser(train(examples(COMMON)))
    assert all(likeliest(guesser, text)[0] is intent for intent, texts in SAID.items() for text in texts)


def test_of_the_same_examples_the_same_is_learnt() -> None:
    assert train(examples()) == train(examples())
