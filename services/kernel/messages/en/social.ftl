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
social-safety-notice = { $placed ->
    [yes] Safety notice for { $area }: { $customers } without power as of { $as_of }.
   *[no] Safety notice for our service area: { $customers } without power as of { $as_of }.
}
social-half-restored = { $placed ->
    [yes] Update for { $area }: { $customers } without power as of { $as_of }. At the worst, it was { $peak }.
   *[no] Update for our service area: { $customers } without power as of { $as_of }. At the worst, it was { $peak }.
}
# $begun: yes, or no where the work is still ahead; $when: when it begins
social-planned = { $begun ->
    [yes] Planned work { $placed ->
        [yes] in { $area }
       *[no] in our service area
    }: { $customers } without power as of { $as_of }.
   *[no] Planned work { $placed ->
        [yes] in { $area }
       *[no] in our service area
    }: power will be turned off { $when } for { $customers }.
}
social-overview = { $outages ->
    [one] Overview as of { $as_of }: { $customers } without power in one outage.
   *[other] Overview as of { $as_of }: { $customers } without power in { $number } outages.
}
# $places: Kanata (1,250 customers) and Barrhaven (600 customers)
social-overview-places = Hardest hit: { $places }.
social-overview-place = { $area } ({ $customers })
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

## How a message sounds, where the policy asks for it; $variant turns, so that a storm doesn't read like a machine. No facts here.

social-tone-warm = { $variant ->
    [0] Thank you for your patience.
    [1] Thank you for bearing with us.
   *[2] We know that waiting is hard. Thank you.
}
social-tone-light = { $variant ->
    [0] Time to reset the clocks.
    [1] The kettle awaits.
   *[2] Lights, please!
}
