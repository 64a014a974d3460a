## Messages propres à un service : le même nom, suivi du service (-x, -mastodon, -bluesky, -facebook; -ops pour les webhooks et Apprise, que
## lisent des gens au travail). Ils y remplacent ceux de social.ftl, et peuvent avoir leurs propres numéros (-facebook-2).

social-first-report-facebook = { $placed ->
    [yes] Pas de courant chez vous, dans le secteur { $area }? Vous n'êtes pas seuls{"\u00A0"}: { $customers } sans électricité à { $as_of }.
   *[no] Pas de courant chez vous? Vous n'êtes pas seuls{"\u00A0"}: { $customers } sans électricité sur notre territoire à { $as_of }.
}
social-first-report-facebook-2 = { $placed ->
    [yes] À nos clients du secteur { $area }{"\u00A0"}: une panne est en cours, { $customers } sans électricité à { $as_of }.
   *[no] À tous nos clients{"\u00A0"}: des pannes sont en cours, { $customers } sans électricité à { $as_of }.
}
social-restored-facebook = { $placed ->
    [yes] À nos clients du secteur { $area }{"\u00A0"}: le courant est rétabli, selon les données de { $as_of }.
   *[no] À tous nos clients{"\u00A0"}: le courant est rétabli sur tout notre territoire, selon les données de { $as_of }.
}
social-restored-facebook-2 = { $placed ->
    [yes] Le courant est revenu chez vous, dans le secteur { $area }, selon les données de { $as_of }.
   *[no] Le courant est revenu partout sur notre territoire, selon les données de { $as_of }.
}
social-overview-facebook = { $outages ->
    [1] Voici où nous en sommes à { $as_of }{"\u00A0"}: { $customers } sans électricité, en une seule panne.
   *[other] Voici où nous en sommes à { $as_of }{"\u00A0"}: { $customers } sans électricité, en { $number } pannes.
}
social-overview-facebook-2 = { $outages ->
    [1] Partout sur notre territoire, à { $as_of }{"\u00A0"}: { $customers } sans électricité, en une seule panne.
   *[other] Partout sur notre territoire, à { $as_of }{"\u00A0"}: { $customers } sans électricité, en { $number } pannes.
}
social-advice-facebook = Gardez le frigo et le congélateur fermés, et prenez des nouvelles de vos voisins.
social-advice-facebook-2 = Éteignez ce qui fonctionnait quand le courant a manqué, et pensez aux gens d'à côté.
social-tags-mastodon = #PanneDeCourant

social-first-report-ops = { $placed ->
    [yes] Première annonce, { $area }{"\u00A0"}: { $customers } en panne à { $as_of }.
   *[no] Première annonce, secteur non précisé{"\u00A0"}: { $customers } en panne à { $as_of }.
}
social-growth-ops = { $placed ->
    [yes] En hausse, { $area }{"\u00A0"}: { $customers } en panne à { $as_of }.
   *[no] En hausse, secteur non précisé{"\u00A0"}: { $customers } en panne à { $as_of }.
}
social-estimate-ops = { $placed ->
    [yes] Suivi, { $area }{"\u00A0"}: { $customers } en panne à { $as_of }.
   *[no] Suivi, secteur non précisé{"\u00A0"}: { $customers } en panne à { $as_of }.
}
social-half-restored-ops = { $placed ->
    [yes] Moitié rétablie, { $area }{"\u00A0"}: { $customers } en panne à { $as_of }, maximum { $peak }.
   *[no] Moitié rétablie, secteur non précisé{"\u00A0"}: { $customers } en panne à { $as_of }, maximum { $peak }.
}
social-restored-ops = { $placed ->
    [yes] Rétabli, { $area }{"\u00A0"}: aucune panne à { $as_of }.
   *[no] Rétabli, secteur non précisé{"\u00A0"}: aucune panne à { $as_of }.
}
