"""A skill as Amazon's SDK for Python has it made: a handler an intent, answers without any look-up. It does less than ours in each way but the SDK's own."""

from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_core.skill_builder import SkillBuilder
from ask_sdk_core.utils import is_intent_name, is_request_type
from ask_sdk_model import Response

SKILL_ID = "amzn1.ask.skill.bench"
INTENTS = (
    "OutageStatusIntent",
    "OutageRestorationIntent",
    "OutageCauseIntent",
    "OutageCountsIntent",
    "RateNowIntent",
    "ReportOutageIntent",
    "AMAZON.HelpIntent",
    "AMAZON.StopIntent",
)


def skill_builder() -> SkillBuilder:
    """The skill."""
    builder = SkillBuilder()
    builder.skill_id = SKILL_ID

    @builder.request_handler(can_handle_func=is_request_type("LaunchRequest"))
    def launch(handler_input: HandlerInput) -> Response:
        return handler_input.response_builder.speak("Hello, this is Example Hydro.").ask("Which area are you in?").response

    for name in INTENTS:
        _answers(builder, name)
    return builder


def _answers(builder: SkillBuilder, name: str) -> None:
    @builder.request_handler(can_handle_func=is_intent_name(name))
    def answer(handler_input: HandlerInput) -> Response:
        slots = handler_input.request_envelope.request.intent.slots or {}
        area = slots["area"].value if "area" in slots else "your area"
        text = f"There is a power outage in {area}. Power is expected back by 4 p.m."
        return handler_input.response_builder.speak(text).set_should_end_session(True).response
