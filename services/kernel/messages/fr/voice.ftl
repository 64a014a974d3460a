## Ce que dit la voix. Pour l'oreille : des phrases courtes, pas d'adresses web, la réponse d'abord.

# Un secteur. $kind : one, one_planned, many, many_planned (toutes), many_mixed
voice-found = { $kind ->
   *[one] Il y a une panne dans le secteur { $area }.
    [one_planned] Le courant est coupé dans le secteur { $area } pour des travaux planifiés.
    [many] Il y a { $outages } pannes dans le secteur { $area }.
    [many_planned] Le courant est coupé à { $outages } endroits dans le secteur { $area }, pour des travaux planifiés.
    [many_mixed] Il y a { $outages } pannes dans le secteur { $area }, dont { $planned } pour des travaux planifiés.
}
voice-affected = { $kind ->
   *[one] Elle touche { $customers }.
    [one_planned] L'interruption touche { $customers }.
    [many] En tout, { $customers } { $plural ->
        [one] est touché.
       *[other] sont touchés.
    }
}
# $estimate : none, one, all (toutes en ont une), some (d'autres n'en ont pas, ou plus), passed
voice-estimate = { $estimate ->
   *[none] On ne sait pas encore quand le courant reviendra.
    [one] Le retour du courant est prévu d'ici { $when }.
    [all] Le retour du courant est prévu partout d'ici { $when }.
    [some] Là où l'heure est connue, le retour du courant est prévu d'ici { $when }; ailleurs, on l'attend encore.
    [passed] Le retour était prévu { $at }; cette heure est passée et on attend une nouvelle estimation.
}
voice-restoration = { $estimate ->
   *[none] On ne sait pas encore quand le courant reviendra dans le secteur { $area }.
    [one] Dans le secteur { $area }, le retour du courant est prévu d'ici { $when }.
    [all] Dans le secteur { $area }, le retour du courant est prévu partout d'ici { $when }.
    [some] Dans le secteur { $area }, là où l'heure est connue, le retour est prévu d'ici { $when }; ailleurs, on l'attend encore.
    [passed] Dans le secteur { $area }, le retour était prévu { $at }. Cette heure est passée; on attend une nouvelle estimation.
}
voice-crew = { $crew ->
    [assigned] Une équipe est affectée.
    [en_route] Une équipe est en route.
    [on_site] Une équipe est sur place.
   *[none] {""}
}
# $known : one, many, other (connue, mais sans détails), unknown
voice-cause = { $known ->
    [one] La panne dans le secteur { $area } est causée par { $cause }.
    [many] La principale cause connue dans le secteur { $area } : { $cause }.
    [other] On connaît la cause de la panne dans le secteur { $area }, mais on ne nous a pas donné de détails.
   *[unknown] On ne sait pas encore ce qui a causé la panne dans le secteur { $area }; on le cherche.
}
# $counted : yes ou no (la source ne donne pas de nombre)
voice-counts = { $counted ->
   *[yes] Dans le secteur { $area }, { $count ->
        [one] une panne touche { $customers }.
       *[other] { $outages } pannes touchent { $customers }.
    }
    [no] Dans le secteur { $area }, il y a { $count ->
        [one] une panne
       *[other] { $outages } pannes
    }; on ne sait pas encore combien de clients sont touchés.
}
voice-none = On ne connaît aucune panne dans le secteur { $area } en ce moment. { voice-if-out }
voice-if-out = { $has_line ->
    [yes] Si vous n'avez pas de courant, vérifiez vos disjoncteurs, puis appelez-nous au { $line }.
   *[no] Si vous n'avez pas de courant, vérifiez vos disjoncteurs, puis signalez-nous la panne.
}
voice-area-unnamed = sans nom

# Partout
voice-all-found = Il y a { $count ->
    [one] une panne
   *[other] { $outages } pannes
} sur notre territoire{ $counted ->
    [yes] ; { $customers } { $plural ->
        [one] est touché.
       *[other] sont touchés.
    }
   *[no] . On ne sait pas encore combien de clients sont touchés.
}
voice-all-hardest = Les secteurs les plus touchés : { $areas }.
voice-all-none = On ne connaît aucune panne en ce moment. { voice-if-out }
voice-all-restoration = Ça dépend du secteur. Dites-moi le vôtre et je vous donne l'heure prévue.
voice-all-cause = Ça dépend du secteur. Dites-moi le vôtre et je vous dis ce qu'on sait.
