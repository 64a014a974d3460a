"""Which of our languages somebody writes in, by the small words: text messages don't say."""

from services.kernel.messages import Lang
from services.voice.understanding.fold import fold

_EN = """
the is are am was were will be been do does did have has had my our your it its we you he she they this that there here when what where why who how
which and or not of to at for with from about can could would should s power outage outages out lights back electricity house home street down wire
bill balance pay due cheap laundry report someone person talk please thanks thank hello hi hey yes still any an need
"""
_FR = """
le la les un une des du de au aux est sont suis sera ai as avez avons j je tu il elle nous vous ils elles mon ma mes notre nos votre vos ce cet cette
ces ca c qu que quoi quel quelle quand pourquoi comment combien qui et ou pas ne plus chez dans pour avec sur sans y en panne pannes courant
electricite lumiere lumieres maison rue fil arrache tombe facture solde compte payer paiement tarif lessive lavage signaler parler quelqu svp merci
bonjour salut allo oui encore toujours revient reviendra retour coupure aide
"""
_WORDS: dict[Lang, frozenset[str]] = {"en": frozenset(_EN.split()), "fr": frozenset(_FR.split())}


def guessed(words: str) -> Lang | None:
    """The language of `words`; None where they don't tell: 'K2G', 'Orléans', '2'."""
    said = fold(words).split()
    english, french = (sum(word in _WORDS[lang] for word in said) for lang in ("en", "fr"))
    if english == french:
        return None
    return "en" if english > french else "fr"
