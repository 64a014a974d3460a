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
