## Social posts written for one service: the same name, with the service at its end (-x, -mastodon, -bluesky, -facebook; -ops for webhooks and
## Apprise, which people at work read). There they are said in place of those in social.ftl, and may have numbers of their own (-facebook-2).

social-first-report-facebook = { $placed ->
    [yes] If your power is out in { $area }, you are not alone: { $customers } without power as of { $as_of }.
   *[no] If your power is out, you are not alone: { $customers } without power across our service area as of { $as_of }.
}
social-first-report-facebook-2 = { $placed ->
    [yes] To everyone in { $area }: the power is out for { $customers } as of { $as_of }.
   *[no] To all our customers: the power is out for { $customers } as of { $as_of }.
}
social-restored-facebook = { $placed ->
    [yes] To everyone in { $area }: your power is back as of { $as_of }.
   *[no] To all our customers: power is back across our service area as of { $as_of }.
}
social-restored-facebook-2 = { $placed ->
    [yes] { $area }, you have power again as of { $as_of }.
   *[no] Everyone in our service area has power again as of { $as_of }.
}
social-overview-facebook = { $outages ->
    [1] Here is where things stand as of { $as_of }: { $customers } without power in one outage.
   *[other] Here is where things stand as of { $as_of }: { $customers } without power in { $number } outages.
}
social-overview-facebook-2 = { $outages ->
    [1] Our whole service area as of { $as_of }: { $customers } without power in one outage.
   *[other] Our whole service area as of { $as_of }: { $customers } without power in { $number } outages.
}
social-advice-facebook = Keep your fridge and freezer closed, and look in on neighbours who may need a hand.
social-advice-facebook-2 = Turn off what was on when the power went out, and check on the people next door.
social-tags-mastodon = #PowerOutage

social-first-report-ops = { $placed ->
    [yes] First report, { $area }: { $customers } out as of { $as_of }.
   *[no] First report, no area given: { $customers } out as of { $as_of }.
}
social-growth-ops = { $placed ->
    [yes] Growth, { $area }: { $customers } out as of { $as_of }.
   *[no] Growth, no area given: { $customers } out as of { $as_of }.
}
social-estimate-ops = { $placed ->
    [yes] Update, { $area }: { $customers } out as of { $as_of }.
   *[no] Update, no area given: { $customers } out as of { $as_of }.
}
social-half-restored-ops = { $placed ->
    [yes] Half restored, { $area }: { $customers } out as of { $as_of }, peak { $peak }.
   *[no] Half restored, no area given: { $customers } out as of { $as_of }, peak { $peak }.
}
social-restored-ops = { $placed ->
    [yes] Restored, { $area }: all back as of { $as_of }.
   *[no] Restored, no area given: all back as of { $as_of }.
}
