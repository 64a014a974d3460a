"""A problem that repeats what a client sent."""

import json

from services.kit.http import Problem


def test_half_a_surrogate_pair_that_a_client_sent_is_told_as_a_question_mark() -> None:
    answer = Problem(422, "all-rejected", "Nothing usable", "send \ud800 again", results=[{"event_id": "a\udfff"}]).response()
    told = json.loads(bytes(answer.body))
    assert (told["detail"], told["results"]) == ("send ? again", [{"event_id": "a?"}])
