### English. Written for English readers and listeners, not translated. Each message has its twin in fr.ftl with the same
### name and the same facts (tests hold this). $utility, $line (telephone) and $has_line are there in every message.

## Shared words

day-tomorrow = tomorrow
day-yesterday = yesterday
# The comma after the year closes it: September 21, 2018, at 5 p.m.
day-at-time = { $shape ->
    [other_year] { $day }, at { $time }
   *[this_year] { $day } at { $time }
}
day-date = { $shape ->
    [other_year] { $month } { $day }, { $year }
   *[this_year] { $month } { $day }
}

# $shape: noon, sharp (on the hour) or minutes
time = { $shape ->
    [noon] noon
    [sharp] { $hour } { $half ->
        [am] a.m.
       *[pm] p.m.
    }
   *[minutes] { $hour }:{ $minute } { $half ->
        [am] a.m.
       *[pm] p.m.
    }
}

at-when = { $shape ->
    [today] at { $when }
    [near] { $when }
   *[date] on { $when }
}

list = { $head } and { $last }
list-choice = { $head } or { $last }

# $kind: exact, few (an upper bound of a small count) or about (a total in which small counts are hidden)
customers = { $kind ->
    [few] fewer than { $ceiling } customers
    [about] about { $number } customers
   *[exact] { $count ->
        [0] no customers
        [one] one customer
       *[other] { $number } customers
    }
}

cause = { $cause ->
    [weather] the weather
    [equipment] an equipment failure
    [vegetation] a tree or branch on the lines
    [animal] an animal on the equipment
    [vehicle] a vehicle collision
    [planned] planned work
    [fire] a fire
    [safety] a safety shut-off
    [other] another cause
   *[unknown] a cause still being looked into
}

crew = { $crew ->
    [assigned] a crew has been assigned
    [en_route] a crew is on the way
    [on_site] a crew is on site
   *[pending] waiting for a crew
}

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

# Conversation
voice-as-of = As of { $when }, the latest we have: { $answer }
voice-no-data = I can't see the outage information just now. Please ask again in a few minutes.
voice-which-area = Which area are you in? Tell me your town or neighbourhood{ $postal ->
    [yes] , or the first three characters of your postal code.
   *[no] .
}
voice-place-unknown = I have no outage on record under the name { $place }. The area may go by another name: try your town or neighbourhood{ $postal ->
    [yes] , or the first three characters of your postal code.
   *[no] .
} { voice-if-out }
voice-no-postal = I can't look up postal codes. Which town or neighbourhood are you in?
voice-hazard = Stay at least 10 metres away, keep others away, and treat every wire as live. Call 911 now{ $has_line ->
    [yes] , then tell us at { $line }.
   *[no] , then tell us.
} If a wire is on your car, stay inside.
voice-report = { $has_line ->
    [yes] To report an outage, call us at { $line }. First check your breakers, and whether your neighbours have power.
   *[no] To report an outage, call the number on your bill. First check your breakers, and whether your neighbours have power.
}
voice-agent = { $has_line ->
    [yes] To talk to one of us, call { $line }.
   *[no] To talk to one of us, call the number on your bill.
}
voice-welcome = Hello, this is { $utility }. Ask whether the power is out in your area, or when it will be back. Which area are you in?
voice-help = You can ask whether the power is out in your area, when it will be back, what caused it, or how many customers are affected. Which area are you in?
voice-reprompt = Which area are you in?
voice-repeat = I have nothing to repeat yet. Ask me whether the power is out in your area.
voice-stop = Goodbye.
voice-unknown = I didn't get that. You can ask whether the power is out in your area, or when it will be back.
voice-did-you-mean = I'm not sure I understood. Do you want to know { $choices }?
voice-choice = { $intent ->
    [outage_status] whether the power is out
    [outage_restoration] when it will be back
    [outage_cause] what caused it
    [outage_counts] how many customers are affected
    [report_outage] how to report an outage
    [report_hazard] what to do about a downed wire
    [agent] how to reach a person
   *[help] what I can do for you
}

## Sources that have gone quiet (voice, page and feeds)

source-stale = Information from { $sources } has not been updated since { $when }.
source-never = No information has come from { $sources } yet.
source-others = { $count ->
    [one] one other source
   *[other] { $number } other sources
}

## Status page

page-utility = { $utility }
page-title = Power outages
page-skip = Skip to the outages
page-as-of = As of { $time }, { $date }
page-age = Updated { $age } ago
page-age-now = Updated less than a minute ago
page-stale = This page was last updated { $age } ago. What it says may no longer hold.
# $kind: exact, few (an upper bound of a small count) or about (a total in which small counts are hidden)
page-figure-kind = { $kind ->
    [few] fewer than
    [about] about
   *[exact] {""}
}
page-customers-out = { $count ->
    [one] customer without power
   *[other] customers without power
}
page-outages-open = { $count ->
    [one] outage
   *[other] outages
}
page-areas-hit = { $count ->
    [one] area affected
   *[other] areas affected
}
page-none = We know of no outage right now.
page-areas-heading = Where the power is out
page-by-customers = Most customers first. An outage that reaches several areas counts in each of them.
page-col-area = Area
page-col-customers = Customers
page-col-estimate = Expected back
page-outages = { $count ->
    [one] 1 outage
   *[other] { $number } outages
}
page-all-planned = planned work
page-some-planned = { $count ->
    [one] 1 is planned work
   *[other] { $number } are planned work
}
page-estimate-none = not known yet
page-estimate-passed = The time given has passed: a new estimate is awaited
page-estimate-partly = not yet known for { $count ->
    [one] 1 outage
   *[other] { $number } outages
}
page-by = by
page-was = was
page-more-areas = { $count ->
    [one] 1 more area
   *[other] { $number } more areas
}
page-most-areas = Areas not listed here ({ $number }): find them by name above.
page-find-label = Find your area
page-find-hint = As it is named in the list: a town or neighbourhood, or a postal code where the list has those
page-find-button = Find
page-follow-heading = Follow
page-follow-feed = Outage feed (Atom)
page-follow-data = Data:
page-safety-heading = Stay safe
page-safety-lines = Stay at least 10 metres from downed wires, about the length of a school bus, and keep others away. Call 911.
page-safety-generator = Run generators and barbecues outdoors only, far from doors and windows.
page-safety-appliances = Turn off the stove and heaters. Keep the fridge and freezer closed.
page-report-heading = Report an outage
page-masked = Counts below { $threshold } are not shown exactly, to protect privacy. Totals count them at their highest.
page-unplaced = Place not given
page-area-title = Power outages: { $area }
page-all-areas = All areas
page-area-none = We know of no outage in { $area } right now. If your power is out, check your breakers, then report it.
page-col-since = Out since
page-col-cause = Cause
page-col-crew = Crew
page-customers-unknown = Customers: not known yet
page-cause-unknown = being looked into
page-planned = Planned work
page-outages-rest = The { $shown } outages with the most customers are listed. { $count ->
    [one] 1 more is
   *[other] { $number } more are
} open in this area.
page-find-title = Search: { $text }
page-find-several = These areas have that in their name.
page-find-none = No area with an outage is listed under the name “{ $text }”. Yours may go by another name: check the spelling, or look through all areas. If your power is out, check your breakers, then report it.
page-find-empty = Type the name of your town or neighbourhood.
page-missing-title = Nothing at this address
page-missing = Perhaps your area has no outage any more, or the address has changed. All outages that we know of are on the status page.

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

## Social posts. Each is the sentences that fit, in order; no web addresses, no bare domains: they count and bill as links.

# $placed: yes, or no where the source names no place
social-first-report = { $placed ->
    [yes] Power outage in { $area }: { $customers } without power as of { $as_of }.
   *[no] Power outages in our service area: { $customers } without power as of { $as_of }.
}
social-growth = { $placed ->
    [yes] Update for { $area }: now { $customers } without power as of { $as_of }.
   *[no] Update for our service area: now { $customers } without power as of { $as_of }.
}
social-estimate = { $placed ->
    [yes] Update for { $area }: { $customers } without power as of { $as_of }.
   *[no] Update for our service area: { $customers } without power as of { $as_of }.
}
social-restored = { $placed ->
    [yes] Power is back in { $area } as of { $as_of }.
   *[no] Power is back across our service area as of { $as_of }.
}
# $shape: all (of the outages have an estimate), some, passed or none
social-estimated = { $shape ->
    [all] We expect power back by { $when }.
    [some] Where there is an estimate, we expect power back by { $when }.
    [passed] The estimated time ({ $when }) has passed and there is no new one yet.
   *[none] There is no estimated time yet.
}
social-cause = Cause: { $cause }.
social-safety = Stay at least 10 metres away from fallen wires.
social-still-out = { $has_line ->
    [yes] Still out? Call { $line }.
   *[no] Still out? Please report it.
}
