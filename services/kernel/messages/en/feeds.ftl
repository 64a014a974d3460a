## Feeds

feed-title = Power outages: { $utility }
feed-other-areas = { $count ->
    [one] one other area
   *[other] { $count } other areas
}
# $status: active, clearing (gone from the utility's picture, not confirmed), restored, cancelled
feed-entry-title = { $status ->
    [clearing] No longer shown as out: { $areas }
    [restored] Power restored: { $areas }
    [cancelled] Report withdrawn: { $areas }
   *[active] { $planned ->
        [yes] Planned work: { $areas }
       *[no] Power outage: { $areas }
    }
}
feed-customers = Affected: { $customers }.
feed-since = Since { $when }.
feed-cause = Cause: { $cause }.
feed-crew = Crew: { $crew ->
    [assigned] assigned.
    [en_route] on the way.
    [on_site] on site.
   *[pending] not assigned yet.
}
feed-estimate = { $state ->
    [ahead] Power is expected back by { $when }.
    [passed] Power was expected back by { $when }. That time has passed, and a new estimate is awaited.
   *[none] There is no estimate yet of when it will be back.
}
feed-clearing = The utility's system no longer shows this outage. That power is back has not been confirmed yet.
feed-restored = { $known ->
    [yes] Power was restored: { $at }.
   *[no] Power has been restored, as reported { $at }.
}
feed-cancelled = The utility has withdrawn this report.
