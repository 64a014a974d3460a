## The map that goes with a post, and its alt text. Times are told with day and year: pictures are passed on.

# $shape: out, half (of them have power again), begun or ahead (planned work), restored
picture-told = { $shape ->
    [restored] Power is back
    [half] Without power: { $customers }; at the worst, it was { $peak }
    [begun] Planned work, without power: { $customers }
    [ahead] Planned work: power will be turned off { $starts } for { $customers }
   *[out] Without power: { $customers }
}
# $shape: all (of the outages have an estimate), some, passed or none
picture-estimated = { $shape ->
    [all] Power expected back by { $when }.
    [some] Where there is an estimate, power is expected back by { $when }.
    [passed] The estimated time ({ $when }) has passed. There is no new one yet.
   *[none] There is no estimated time yet.
}
picture-overview-title = Hardest hit
picture-overview = { $outages ->
    [1] Without power: { $customers }, in one outage
   *[other] Without power: { $customers }, in { $number } outages
}
# On an area of the map
picture-count = { $customers }
picture-place = { $area } ({ $customers })
picture-shade = { $shade ->
    [few] Fewer than { $hundred } customers
    [hundreds] { $hundred } customers or more
    [thousands] { $thousand } customers or more
    [planned] Planned work
    [restored] Power is back
   *[most] { $most } customers or more
}
picture-untold = Not told in this post
picture-circles = Outages, roughly
picture-as-of = As of { $when }
picture-by = { $utility }
picture-scale = { $number } km

picture-alt = { $shape ->
    [restored] Map with { $area } marked: power is back as of { $when }.
    [half] Map with { $area } marked: { $customers } without power as of { $when }. At the worst, it was { $peak }.
    [begun] Map with { $area } marked for planned work: { $customers } without power as of { $when }.
    [ahead] Map with { $area } marked for planned work: power will be turned off { $starts } for { $customers }. As of { $when }.
   *[out] Map with { $area } marked: { $customers } without power as of { $when }.
}
picture-alt-circles = Circles show roughly where the larger outages are.
picture-alt-overview = Map as of { $when }. { $total }.
picture-alt-places = The hardest hit are marked: { $places }.
