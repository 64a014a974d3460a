## Ce que coûte l'électricité en ce moment. Pour l'oreille.

rate-plan = { $plan ->
    [ulo] le tarif de nuit ultra-bas
    [tiered] le tarif par palier
   *[tou] le tarif selon l'heure
}
rate-period = { $period ->
    [overnight] la période de nuit à tarif ultra-bas
    [weekend] la période creuse de fin de semaine
    [mid_peak] la période médiane
    [on_peak] la période de pointe
   *[off_peak] la période creuse
}
# $level : cheapest, between ou dearest
rate-now = { $level ->
    [cheapest] Oui, c'est le bon moment. Avec { $plan }, c'est { $period }
    [dearest] Mieux vaut attendre si vous le pouvez. Avec { $plan }, c'est { $period }
   *[between] Ce n'est pas le moment le moins cher. Avec { $plan }, c'est { $period }
}{ $priced ->
    [yes] , à { $price } cents le kilowattheure,
   *[no] ,
} jusqu'à { $until }.
rate-next = Ensuite, { $period } commence { $start }{ $priced ->
    [yes] , à { $price } cents.
   *[no] .
}
# $why : away (on ne peut demander à personne en ce moment), none (le compte n'a aucun tarif que l'on connaisse)
rate-plan-unknown = { $why ->
    [away] Je ne peux pas voir quel est votre tarif en ce moment.
   *[none] Je ne sais pas quel est votre tarif.
}
rate-unpriced = Je n'ai pas les prix en vigueur.
rate-tiered = Avec { $plan }, le prix ne dépend pas de l'heure{ $priced ->
    [yes] {" "}: { $lower } cents le kilowattheure pour les { $home } premiers du mois à la maison, puis { $higher }.
   *[no] . Je n'ai pas les prix en vigueur.
}
rate-no-plan = Je connais seulement { $plans }. Lequel avez-vous?
