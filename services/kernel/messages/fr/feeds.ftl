## Fils

feed-title = Pannes de courant : { $utility }
feed-other-areas = { $count ->
    [one] { $count } autre secteur
   *[other] { $count } autres secteurs
}
# $status : active, clearing (disparue du portrait du distributeur, sans confirmation), restored, cancelled
feed-entry-title = { $status ->
    [clearing] N'est plus signalé en panne : { $areas }
    [restored] Courant rétabli : { $areas }
    [cancelled] Signalement retiré : { $areas }
   *[active] { $planned ->
        [yes] Travaux planifiés : { $areas }
       *[no] Panne de courant : { $areas }
    }
}
feed-customers = Touchés : { $customers }.
feed-since = Depuis { $when }.
feed-cause = Cause : { $cause }.
feed-crew = Équipe : { $crew ->
    [assigned] affectée.
    [en_route] en route.
    [on_site] sur place.
   *[pending] pas encore affectée.
}
feed-estimate = { $state ->
    [ahead] Le retour du courant est prévu d'ici { $when }.
    [passed] Le retour était prévu d'ici { $when }. Cette heure est passée; on attend une nouvelle estimation.
   *[none] On ne sait pas encore quand le courant reviendra.
}
feed-clearing = Le système du distributeur ne montre plus cette panne. Le retour du courant n'est pas encore confirmé.
feed-restored = { $known ->
    [yes] Le courant est revenu : { $at }.
   *[no] Le courant est revenu, selon l'avis reçu { $at }.
}
feed-cancelled = Le distributeur a retiré ce signalement.
