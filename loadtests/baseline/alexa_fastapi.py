"""Behind FastAPI, verifying with Amazon's `ask-sdk-webservice-support`. PEER_ROOT and PEER_CHAIN name the test authority's files.

The certificate is in the SDK's cache from the start, so that nothing is fetched; its chain is validated at each request, as the SDK does.
"""

import os
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from loadtests.baseline.alexa_openssl import openssl_of_two_digits
from loadtests.baseline.alexa_skill import skill_builder

with openssl_of_two_digits():
    from ask_sdk_webservice_support import verifier
    from ask_sdk_webservice_support.webservice_handler import WebserviceSkillHandler
    from certvalidator import CertificateValidator, ValidationContext

ROOT, CHAIN = Path(os.environ["PEER_ROOT"]).read_bytes(), Path(os.environ["PEER_CHAIN"]).read_bytes()
verifier.CertificateValidator = lambda leaf, others: CertificateValidator(leaf, others, validation_context=ValidationContext(extra_trust_roots=[ROOT]))
handler = WebserviceSkillHandler(skill=skill_builder().create(), verify_signature=True, verify_timestamp=True)
handler._verifiers[0]._cert_cache[os.environ["PEER_URL"]] = CHAIN
app = FastAPI(title="Amazon's SDK, verifying")


@app.get("/readyz")
async def readyz() -> dict[str, bool]:
    """Whether it answers."""
    return {"ready": True}


@app.post("/voice/v1/alexa")
async def alexa(request: Request) -> JSONResponse:
    """Verify and answer."""
    body = (await request.body()).decode()
    return JSONResponse(handler.verify_request_and_dispatch(dict(request.headers), body))
