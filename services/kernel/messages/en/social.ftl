## Social posts. Each is the sentences that fit, in order; no web addresses, no bare domains: they count and bill as links.
##
## A message has as many wordings as there are numbers: social-growth, social-growth-2, social-growth-3. They take turns, so that a storm's
## posts don't read like a machine's, and each tells the same facts. What is written for one service alone stands in social-services.ftl.

# $placed: yes, or no where the source names no place
social-first-report = { $placed ->
    [yes] Power outage in { $area }: { $customers } without power as of { $as_of }.
   *[no] Power outages in our service area: { $customers } without power as of { $as_of }.
}
social-first-report-2 = { $placed ->
    [yes] The power is out for { $customers } in { $area } as of { $as_of }.
   *[no] The power is out for { $customers } in our service area as of { $as_of }.
}
social-first-report-3 = { $placed ->
    [yes] Outage alert for { $area }: as of { $as_of }, { $customers } without power.
   *[no] Outage alert for our service area: as of { $as_of }, { $customers } without power.
}
social-first-report-4 = { $placed ->
    [yes] People in { $area } are without power. As of { $as_of }, that means { $customers }.
   *[no] People in our service area are without power. As of { $as_of }, that means { $customers }.
}
social-growth = { $placed ->
    [yes] Update for { $area }: { $customers } without power as of { $as_of }.
   *[no] Update for our service area: { $customers } without power as of { $as_of }.
}
social-growth-2 = { $placed ->
    [yes] More people in { $area } have lost power: { $customers } as of { $as_of }.
   *[no] More people in our service area have lost power: { $customers } as of { $as_of }.
}
social-growth-3 = { $placed ->
    [yes] The outage in { $area } has grown to { $customers } as of { $as_of }.
   *[no] The outages in our service area have grown to { $customers } as of { $as_of }.
}
social-estimate = { $placed ->
    [yes] Update for { $area }: { $customers } without power as of { $as_of }.
   *[no] Update for our service area: { $customers } without power as of { $as_of }.
}
social-estimate-2 = { $placed ->
    [yes] The latest from { $area }: as of { $as_of }, { $customers } without power.
   *[no] The latest from our service area: as of { $as_of }, { $customers } without power.
}
social-estimate-3 = { $placed ->
    [yes] Where things stand in { $area }: { $customers } without power as of { $as_of }.
   *[no] Where things stand in our service area: { $customers } without power as of { $as_of }.
}
social-restored = { $placed ->
    [yes] Power is back in { $area } as of { $as_of }.
   *[no] Power is back across our service area as of { $as_of }.
}
social-restored-2 = { $placed ->
    [yes] As of { $as_of }, power is back in { $area }.
   *[no] As of { $as_of }, power is back across our service area.
}
social-restored-3 = { $placed ->
    [yes] { $area }, your power is back as of { $as_of }.
   *[no] Your power is back across our service area as of { $as_of }.
}
social-safety-notice = { $placed ->
    [yes] Safety notice for { $area }: { $customers } without power as of { $as_of }.
   *[no] Safety notice for our service area: { $customers } without power as of { $as_of }.
}
social-safety-notice-2 = { $placed ->
    [yes] Safety notice. In { $area }, { $customers } without power as of { $as_of }.
   *[no] Safety notice. In our service area, { $customers } without power as of { $as_of }.
}
social-half-restored = { $placed ->
    [yes] Update for { $area }: { $customers } without power as of { $as_of }. At the worst, it was { $peak }.
   *[no] Update for our service area: { $customers } without power as of { $as_of }. At the worst, it was { $peak }.
}
social-half-restored-2 = { $placed ->
    [yes] In { $area }, { $customers } without power as of { $as_of }, down from { $peak } at the worst.
   *[no] In our service area, { $customers } without power as of { $as_of }, down from { $peak } at the worst.
}
social-half-restored-3 = { $placed ->
    [yes] { $area } had { $peak } without power at the worst. As of { $as_of }, it is { $customers }.
   *[no] Our service area had { $peak } without power at the worst. As of { $as_of }, it is { $customers }.
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
social-planned-2 = { $begun ->
    [yes] Our planned work { $placed ->
        [yes] in { $area }
       *[no] in our service area
    } has begun. Without power as of { $as_of }: { $customers }.
   *[no] For planned work { $placed ->
        [yes] in { $area }
       *[no] in our service area
    }, we will turn off the power { $when } for { $customers }.
}
social-overview = { $outages ->
    [1] Overview as of { $as_of }: { $customers } without power in one outage.
   *[other] Overview as of { $as_of }: { $customers } without power in { $number } outages.
}
social-overview-2 = { $outages ->
    [1] Across our service area as of { $as_of }: one outage, { $customers } without power.
   *[other] Across our service area as of { $as_of }: { $number } outages, { $customers } without power.
}
social-overview-3 = { $outages ->
    [1] Where things stand as of { $as_of }: { $customers } without power in one outage.
   *[other] Where things stand as of { $as_of }: { $customers } without power in { $number } outages.
}
# $places: Kanata (1,250 customers) and Barrhaven (600 customers)
social-overview-places = Hardest hit: { $places }.
social-overview-places-2 = Most affected: { $places }.
# $places: Kanata, Barrhaven and Nepean
social-overview-safety = Safety notice: customers are without power in { $places }.
social-overview-safety-2 = Safety notice for { $places }: customers are without power.
# $places: Kanata (12,500 customers) and Barrhaven (6,000 customers)
social-overview-urgent = Large outages in { $places }.
social-overview-urgent-2 = There are large outages in { $places }.
social-overview-place = { $area } ({ $customers })
# $shape: all (of the outages have an estimate), some, passed or none
social-estimated = { $shape ->
    [all] We expect power back by { $when }.
    [some] Where there is an estimate, we expect power back by { $when }.
    [passed] The estimated time ({ $when }) has passed and there is no new one yet.
   *[none] There is no estimated time yet.
}
social-estimated-2 = { $shape ->
    [all] Power should be back by { $when }.
    [some] For some of the outages there is an estimate: power back by { $when }.
    [passed] We are past the estimated time ({ $when }), and don't have a new one yet.
   *[none] We don't have an estimated time yet.
}
social-estimated-3 = { $shape ->
    [all] Our estimate: power back by { $when }.
    [some] Where we have an estimate, power should be back by { $when }.
    [passed] The estimated time ({ $when }) has come and gone; a new one hasn't been set yet.
   *[none] No estimated time has been set yet.
}
social-cause = Cause: { $cause }.
social-cause-2 = The cause is { $cause }.
social-cause-3 = What caused it: { $cause }.
social-safety = Stay at least 10 metres away from fallen wires.
social-safety-2 = Keep at least 10 metres away from any wire on the ground.
social-safety-3 = See a fallen wire? Stay at least 10 metres away.
social-still-out = { $has_line ->
    [yes] Still out? Call { $line }.
   *[no] Still out? Please report it.
}
social-still-out-2 = { $has_line ->
    [yes] If yours is still out, call { $line }.
   *[no] If yours is still out, please let us know.
}
social-still-out-3 = { $has_line ->
    [yes] No power yet at your place? Call { $line }.
   *[no] No power yet at your place? Please tell us.
}
# One more sentence for a first report, and a last one for first reports and safety notices. Nothing, but on some services.
social-advice = {""}
social-tags = {""}

## How a message sounds, where the policy asks for it. No facts here. Nothing of it is said where safety is involved.

social-tone-warm = Thank you for your patience.
social-tone-warm-2 = Thank you for bearing with us.
social-tone-warm-3 = We know that waiting is hard. Thank you.
social-tone-warm-4 = We know how much you rely on us. Thank you for waiting.
# Light, once all have power again
social-tone-light = Time to reset the clocks.
social-tone-light-2 = The kettle awaits.
social-tone-light-3 = Lights, please!
# Light, while some are still waiting
social-tone-half-light = We're past the halfway mark.
social-tone-half-light-2 = Halfway there, and counting.
