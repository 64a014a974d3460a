"""'Tell me when it's back': who can be reached waits for an outage that is known; the others hear how to follow."""

import asyncio
from typing import Any

import pytest

from services.kernel.ports.alexa import MESSAGE_ALERT
from services.kernel.waiting import Group
from services.voice.conversation.turn import Memory, Outcome, Platform, Reply, Turn
from services.voice.understanding.question import Intent
from tests.voice_service import NOW, Voice


def ask(voice: Voice, words: str = "notify me when the power is back in Orléans", **more: Any) -> Reply:
    told = {"platform": Platform.SMS, "lang": "en", "asker": "+16135550123", **more}
    return asyncio.run(voice.conversation.answer(Turn(words=words, **told)))


def test_by_text_they_wait_for_their_area_once(voice: Voice) -> None:
    reply = ask(voice)
    assert (reply.intent, reply.outcome) == (Intent.SUBSCRIBE, Outcome.ANSWERED)
    assert reply.answer == "I'll text you once, when the outage in Orléans is over. To end it, text STOP."
    assert "had asked already" in ask(voice).answer
    (waiter,) = voice.waiting.waiting(Group("orleans"), 9)
    assert (waiter.platform, waiter.address, waiter.lang, (waiter.expires - waiter.since).total_seconds()) == ("sms", "+16135550123", "en", 72 * 3_600)


def test_by_telephone_the_number_that_calls_is_first_asked_whether_it_was_they(voice: Voice) -> None:
    def call(words: str = "avisez-moi quand le courant revient à Orléans") -> Reply:
        return ask(voice, words, platform=Platform.PHONE, lang="fr")

    assert call().answer.startswith("J'envoie un texto au numéro d'où vous appelez. Répondez-y OUI")
    assert call().answer.startswith("C'était déjà noté. Si notre texto vous le demande")
    (question,) = voice.waiting.due("sms", NOW, 9)
    assert question.text.startswith("Hydro Exemple : quelqu'un nous a appelés")
    assert (question.waiter.confirmed, voice.waiting.groups()) == (False, [])
    assert call("avisez-moi quand le courant revient à Vancouver").outcome is Outcome.ANSWERED
    refused = call("avisez-moi quand le courant revient à K2G")
    assert (refused.outcome, "Textez-nous de là" in refused.answer) == (Outcome.SHED, True), "twice a day"
    abroad = ask(voice, platform=Platform.PHONE, asker="+882123456789")
    assert (abroad.outcome, len(voice.waiting.due("sms", NOW, 9))) == (Outcome.UNABLE, 2), "no texts to wherever somebody likes"
    assert ask(voice).outcome is Outcome.ANSWERED, "who texts from it is known to be who they are"
    assert voice.waiting.groups() == ["orleans"]


@pytest.mark.parametrize(("platform", "asker"), [(Platform.ASK, ""), (Platform.WEB, "x"), (Platform.PHONE, "anonymous"), (Platform.ALEXA, "")])
def test_who_cannot_be_reached_hears_how_to_follow(voice: Voice, platform: Platform, asker: str) -> None:
    assert "status page" in ask(voice, platform=platform, asker=asker).answer
    assert voice.waiting.groups() == []


def test_alexa_notifies_whoever_allows_it_and_asks_the_others(voice: Voice) -> None:
    def alexa(**more: Any) -> Reply:
        return ask(voice, platform=Platform.ALEXA, asker="amzn1.ask.account.x", **more)

    refused = alexa()
    assert (refused.outcome, refused.needs_leave, voice.waiting.groups()) == (Outcome.ASKED_BACK, True, [])
    voice.subscribers.down = True
    assert (alexa().outcome, voice.waiting.groups()) == (Outcome.UNABLE, [])
    voice.subscribers.down = False
    asyncio.run(voice.subscribers.put("amzn1.ask.account.x", [MESSAGE_ALERT], NOW))
    assert "Alexa will notify you once, when the outage in Orléans is over" in alexa().answer
    assert "Alexa vous avisera" in alexa(words="avisez-moi quand le courant revient à Orléans", lang="fr").answer
    (waiter,) = voice.waiting.of("alexa", "amzn1.ask.account.x")
    assert waiter.lang == "fr", "asked again: in the language of now"


def test_on_messenger_no_more_is_promised_than_meta_allows(voice: Voice) -> None:
    assert "I may not write first after 23 hours" in ask(voice, platform=Platform.MESSENGER, asker="1234").answer
    (waiter,) = voice.waiting.of("messenger", "1234")
    assert (waiter.expires - waiter.since).total_seconds() == 23.5 * 3_600


def test_a_place_is_asked_for_and_a_guess_is_none(voice: Voice) -> None:
    asked = ask(voice, "notify me when the power is back", region="K2G")
    assert (asked.outcome, voice.waiting.groups()) == (Outcome.ASKED_BACK, [])
    assert ask(voice, "Orléans", memory=asked.memory).outcome is Outcome.ANSWERED
    assert voice.waiting.groups() == ["orleans"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "please stop texting me"), ("en", "don't text me anymore"), ("en", "I don't want any more texts"),
        ("en", "Unsubscribe me"), ("en", "cancel my notifications"),
        ("fr", "Arrête de me texter!"), ("fr", "ne m'envoyez plus de textos"), ("fr", "je ne veux plus de messages"), ("fr", "désabonnez-moi"),
    ],
)  # fmt: skip
def test_in_their_own_words_they_end_it_as_stop_does(voice: Voice, lang: Any, words: str) -> None:
    for platform, asker in ((Platform.SMS, "+16135550123"), (Platform.MESSENGER, "1234")):
        ask(voice, platform=platform, asker=asker)
        voice.waiting.down = True
        assert ask(voice, words, lang=lang, platform=platform, asker=asker).outcome is Outcome.UNABLE
        voice.waiting.down = False
        assert ask(voice, "stop", platform=platform, asker=asker).intent is Intent.STOP
        assert voice.waiting.of(platform, asker), "'stop' alone is the platform's matter, and may only end the conversation"
        reply = ask(voice, words, lang=lang, platform=platform, asker=asker)
        assert (reply.intent, reply.outcome) == (Intent.STOP, Outcome.ANSWERED)
        assert reply.answer.startswith("All right. You won't get" if lang == "en" else "C'est noté. Vous ne recevrez")
    assert voice.waiting.groups() == []


def test_there_is_no_waiting_for_an_outage_that_nobody_knows_of(voice: Voice) -> None:
    assert "no outage in Trois-Rivières" in ask(voice, "notify me when the power is back in Trois-Rivières").answer
    assert voice.waiting.groups() == []


def test_too_many_or_a_list_that_is_away_is_told(voice: Voice) -> None:
    voice.waiting.down = True
    assert ask(voice).outcome is Outcome.UNABLE
    full = Voice(waiting_max=1)
    full.publish([view.brief for view in voice.mirror.shown.views.values()])
    assert [ask(full, asker=f"+1613555012{number}", memory=Memory()).outcome for number in (1, 2)] == [Outcome.ANSWERED, Outcome.SHED]
