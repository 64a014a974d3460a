## Every message, for those who write them: `surgecast messages preview`

preview-title = Every message
preview-lead = What { $utility } would post on each service, with made-up numbers and places. Nothing was sent.
preview-kinds = Kinds of message
preview-kind = { $kind ->
    [safety] Safety notice
    [first_report] First report
    [growth] Many more are out
    [restored] Power is back
    [estimate_missed] The estimated time has passed
    [half_restored] Half have power again
    [estimate] Estimated time
    [cause] The cause is known
    [planned] Planned work
   *[digest] Overview of several areas
}
preview-tone = { $tone ->
    [warm] warm
    [light] light
   *[plain] plain
}
preview-case = { $case ->
    [some] only some outages have an estimate
    [none] without an estimate
    [begun] work has begun
    [unplaced] no place is known
    [emergencies] several emergencies
    [safety] several safety notices
    [longest] long names and large numbers
   *[usual] as usual
}
preview-entry = { $case }, { $tone }, wording { $number }
preview-used = { $used } of { $limit }
preview-left-out = Left out, as there is no room:
preview-policy = { $told ->
    [no] Your policy never tells this.
   *[yes] Your policy: worth { $value }, { $tone }{ $approval ->
        [yes] , approved by people first.
       *[no] .
    }
}
