## Travaux planifiés. Pour l'oreille.

planned-here = { $count ->
    [one] Le courant est coupé dans une partie du secteur { $area } pour des travaux planifiés.
   *[other] Le courant est coupé à { $number } endroits du secteur { $area } pour des travaux planifiés.
}
planned-none-here = À ma connaissance, il n'y a pas de travaux planifiés en ce moment dans le secteur { $area }. { planned-letter }
planned-areas = Des travaux planifiés sont en cours à ces endroits : { $areas }{ $more ->
    [0] .
    [one] , et dans un autre secteur.
   *[other] , et dans { $number } autres secteurs.
}
planned-none = À ma connaissance, il n'y a pas de travaux planifiés en ce moment. { planned-letter }
planned-letter = Quand on prévoit des travaux à votre adresse, vous recevez un avis à l'avance.
