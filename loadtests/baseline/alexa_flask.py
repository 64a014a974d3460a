"""Behind Flask, as Amazon's `flask-ask-sdk` has it, without any verification."""

from flask import Flask

from loadtests.baseline.alexa_openssl import openssl_of_two_digits
from loadtests.baseline.alexa_skill import SKILL_ID, skill_builder

with openssl_of_two_digits():
    from flask_ask_sdk.skill_adapter import SkillAdapter

app = Flask(__name__)
app.config["ASK_SDK_VERIFY_SIGNATURE"] = False
app.config["ASK_SDK_VERIFY_TIMESTAMP"] = False
SkillAdapter(skill=skill_builder().create(), skill_id=SKILL_ID, app=app).register(app=app, route="/voice/v1/alexa")


@app.get("/readyz")
def readyz() -> dict[str, bool]:
    """Whether it answers."""
    return {"ready": True}
