## Travaux prévus. Pour l'oreille.

planned-here = { $count ->
    [one] Le courant est coupé dans une partie du secteur { $area } pour des travaux prévus.
   *[other] Le courant est coupé à { $number } endroits du secteur { $area } pour des travaux prévus.
}
planned-none-here = À ma connaissance, il n'y a pas de travaux prévus en cours dans le secteur { $area }. { planned-letter }
planned-areas = Des travaux prévus sont en cours dans { $areas }{ $more ->
    [0] .
    [one] , et dans un autre secteur.
   *[other] , et dans { $number } autres secteurs.
}
planned-none = À ma connaissance, il n'y a pas de travaux prévus en cours. { planned-letter }
planned-letter = Quand des travaux sont prévus à votre adresse, vous êtes avisé d'avance.
