## Buttons. At most 20 characters: Messenger cuts off what is longer. Pressed, a button says its text.

chip = { $intent ->
    [outage_status] Is the power out?
    [outage_restoration] When will it be on?
    [outage_cause] What happened?
    [outage_counts] How many are out?
    [report_outage] Report an outage
    [report_hazard] A wire is down
    [subscribe] Tell me when it's on
    [planned_work] Planned work
    [safety_advice] Safety advice
    [nearest_centre] Nearest centre
    [rate_now] Is power cheap now?
    [account_balance] My balance
    [next_payment] Next payment
    [agent] Talk to a person
    [repeat] Say it again
    [stop] Stop
   *[help] Help
}
