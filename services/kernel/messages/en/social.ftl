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
