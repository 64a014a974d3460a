## What is said to whoever reports an outage or a hazard. For the ear. $kind: outage or hazard

report-hazard = Stay at least 10 metres away, keep others away, and treat every wire as live. Call 911 now. If a wire is on your car, stay inside.
report-where = { $kind ->
    [hazard] Where is it? Tell me the street and the town, and I'll pass it on to our crew desk.
   *[outage] Where is the power out? Tell me your street and town, or your postal code.
}
report-passed-on = { $kind ->
    [hazard] I've passed it on to our crew desk.
   *[outage] Thank you, I've passed it on to our crew desk. Check your breakers too, and whether your neighbours have power.
}
report-again = { $kind ->
    [hazard] Our crew desk has your report.
   *[outage] Our crew desk has your report already. Check your breakers too, and whether your neighbours have power.
}
