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
