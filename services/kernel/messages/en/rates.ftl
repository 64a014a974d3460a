## What electricity costs now. For the ear.

rate-plan = { $plan ->
    [ulo] the ultra-low overnight plan
    [tiered] the tiered plan
   *[tou] time-of-use rates
}
rate-period = { $period ->
    [overnight] ultra-low overnight
    [weekend] weekend off-peak
    [mid_peak] mid-peak
    [on_peak] on-peak
   *[off_peak] off-peak
}
# $level: cheapest, between or dearest
rate-now = { $level ->
    [cheapest] Yes, it's a good time. On { $plan } it's { $period } now
    [dearest] Better wait if you can. On { $plan } it's { $period } now
   *[between] It's not the cheapest time. On { $plan } it's { $period } now
}{ $priced ->
    [yes] , { $price } cents a kilowatt-hour,
   *[no] ,
} until { $until }.
rate-next = The next { $period } time starts { $start }{ $priced ->
    [yes] , at { $price } cents.
   *[no] .
}
# $why: away (nobody can be asked just now), none (the account has no plan that we know)
rate-plan-unknown = { $why ->
    [away] I can't look up your own plan just now.
   *[none] I don't know which plan you are on.
}
rate-unpriced = I don't have the current prices.
rate-tiered = On { $plan } it costs the same at any hour{ $priced ->
    [yes] : { $lower } cents a kilowatt-hour for a home's first { $home } in a month, then { $higher }.
   *[no] . I don't have the current prices.
}
rate-no-plan = I only know { $plans }. Which one are you on?
