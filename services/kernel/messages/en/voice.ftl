## What voice says. For the ear: short sentences, no addresses of web pages, the answer first.

# One area. $kind: one, one_planned, many, many_planned (all), many_mixed
voice-found = { $kind ->
   *[one] There is a power outage in { $area }.
    [one_planned] The power is off in { $area } for planned work.
    [many] There are { $outages } power outages in { $area }.
    [many_planned] The power is off in { $outages } parts of { $area }, for planned work.
    [many_mixed] There are { $outages } power outages in { $area }, { $planned } of them for planned work.
}
voice-affected = { $kind ->
   *[one] It affects { $customers }.
    [many] Together they affect { $customers }.
}
# $estimate: none, one, all (every outage has one), some (others have none, or theirs has passed), passed
voice-estimate = { $estimate ->
   *[none] There is no estimate yet of when it will be back.
    [one] Power is expected back by { $when }.
    [all] Power is expected back everywhere by { $when }.
    [some] Where there is an estimate, power is expected back by { $when }; other parts are still waiting for one.
    [passed] Power was expected back { $at }; that time has passed, and a new estimate is awaited.
}
voice-restoration = { $estimate ->
   *[none] There is no estimate yet of when power will be back in { $area }.
    [one] Power is expected back in { $area } by { $when }.
    [all] Power is expected back everywhere in { $area } by { $when }.
    [some] Where there is an estimate in { $area }, power is expected back by { $when }; other parts are still waiting for one.
    [passed] Power in { $area } was expected back { $at }. That time has passed, and a new estimate is awaited.
}
voice-crew = { $crew ->
    [assigned] A crew has been assigned.
    [en_route] A crew is on the way.
    [on_site] A crew is on site.
   *[none] {""}
}
# $known: one, many, other (known, but the source gives no details), unknown
voice-cause = { $known ->
    [one] The cause of the outage in { $area } is { $cause }.
    [many] The main cause known in { $area } is { $cause }.
    [other] The cause of the outage in { $area } is known, but we have been given no details.
   *[unknown] We don't know yet what caused the outage in { $area }; it is being looked into.
}
# $counted: yes or no (the source gives no count)
voice-counts = { $counted ->
   *[yes] In { $area }, { $count ->
        [one] one outage affects { $customers }.
       *[other] { $outages } outages affect { $customers }.
    }
    [no] In { $area }, { $count ->
        [one] there is one outage; we
       *[other] there are { $outages } outages; we
    } don't know yet how many customers are affected.
}
voice-none = We know of no outage in { $area } right now. { voice-if-out }
voice-if-out = { $has_line ->
    [yes] If your power is out, check your breakers, then call us at { $line }.
   *[no] If your power is out, check your breakers, then report it to us.
}
voice-area-unnamed = an area without a name

# Everywhere
voice-all-found = { $count ->
    [one] There is one outage
   *[other] There are { $outages } outages
} across the area we serve{ $counted ->
    [yes] , affecting { $customers }.
   *[no] . We don't know yet how many customers are affected.
}
voice-all-hardest = Hardest hit: { $areas }.
voice-all-none = We know of no outage right now. { voice-if-out }
voice-all-restoration = It differs from one area to the next. Tell me your area, and I'll give you its estimate.
voice-all-cause = It differs from one area to the next. Tell me your area, and I'll tell you what we know.
