## What people ask: a page for the utility's own people

questions-title = What people ask
questions-lead = { $count ->
    [0] Nobody has asked anything since { $since }.
    [one] One question since { $since }; { $share } % were understood.
   *[other] { $turns } questions since { $since }; { $share } % were understood.
}
questions-asked = Most asked
questions-gave-up = Where people give up
questions-unmatched = Not understood
questions-redacted = Words that we don't know are not kept: “•” stands for them, “#” for numbers, “[place]” for a place.
questions-none = None.
questions-col-intent = They ask
questions-col-turns = Questions
questions-col-after = After asking
questions-col-times = Times
questions-col-words = They said
questions-intent = { $intent ->
    [outage_status] whether the power is out
    [outage_restoration] when it will be back
    [outage_cause] what caused it
    [outage_counts] how many are out
    [report_outage] to report an outage
    [report_hazard] to report a danger
    [subscribe] to be told when it is back
    [planned_work] about planned work
    [safety_advice] what to do to be safe
    [nearest_centre] where to find help
    [rate_now] whether electricity is cheap now
    [account_balance] what they owe
    [next_payment] when they have to pay
    [agent] for a person
    [help] what can be asked
    [repeat] to hear it again
    [stop] to stop
   *[unknown] something we didn't understand
}
questions-ending = { $ending ->
    [asked_back] asked back:
    [unsure] “do you mean”:
    [unmatched] not understood:
    [unable] could not be answered:
    [shed] too busy:
   *[answered] answered:
}
questions-sign = { $sign ->
    [same_again] the same again and again:
    [lost] not understood twice in a row:
    [hung_up] hung up:
   *[silent] said nothing more:
}
