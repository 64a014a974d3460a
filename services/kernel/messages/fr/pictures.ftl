## La carte qui accompagne un message, et son texte de remplacement. Les heures portent le jour et l'année : une image se partage longtemps.

# $shape : out, half (la moitié a de nouveau du courant), begun ou ahead (travaux planifiés), restored
picture-told = { $shape ->
    [restored] Le courant est rétabli
    [half] Sans électricité{"\u00A0"}: { $customers }; au plus fort de la panne{"\u00A0"}: { $peak }
    [begun] Travaux planifiés, sans électricité{"\u00A0"}: { $customers }
    [ahead] Travaux planifiés{"\u00A0"}: le courant sera coupé { $starts } pour { $customers }
   *[out] Sans électricité{"\u00A0"}: { $customers }
}
# $shape : all (toutes les pannes ont une estimation), some, passed ou none
picture-estimated = { $shape ->
    [all] Retour du courant prévu d'ici { $when }.
    [some] Là où il y a une estimation, retour du courant prévu d'ici { $when }.
    [passed] L'heure prévue ({ $when }) est passée. Il n'y en a pas encore de nouvelle.
   *[none] Aucune heure de retour n'est encore prévue.
}
picture-overview-title = Secteurs les plus touchés
picture-overview = { $outages ->
    [1] Sans électricité{"\u00A0"}: { $customers }, en une seule panne
   *[other] Sans électricité{"\u00A0"}: { $customers }, en { $number } pannes
}
# Sur un secteur de la carte
picture-count = { $customers }
picture-place = { $area } ({ $customers })
picture-shade = { $shade ->
    [few] Moins de { $hundred } clients
    [hundreds] { $hundred } clients ou plus
    [thousands] { $thousand } clients ou plus
    [planned] Travaux planifiés
    [restored] Courant rétabli
   *[most] { $most } clients ou plus
}
picture-untold = Non abordé dans ce message
picture-circles = Emplacement approximatif des pannes
picture-as-of = Situation { $when }
picture-by = { $utility }
picture-scale = { $number } km

picture-alt = { $shape ->
    [restored] Carte où le secteur { $area } est marqué{"\u00A0"}: le courant y est rétabli. Situation { $when }.
    [half] Carte où le secteur { $area } est marqué{"\u00A0"}: { $customers } sans électricité { $when }. Au plus fort de la panne{"\u00A0"}: { $peak }.
    [begun] Carte où le secteur { $area } est marqué pour des travaux planifiés{"\u00A0"}: { $customers } sans électricité { $when }.
    [ahead] Carte où le secteur { $area } est marqué pour des travaux planifiés{"\u00A0"}: le courant sera coupé { $starts } pour { $customers }. Situation { $when }.
   *[out] Carte où le secteur { $area } est marqué{"\u00A0"}: { $customers } sans électricité { $when }.
}
picture-alt-circles = Des cercles montrent à peu près où sont les pannes les plus importantes.
picture-alt-overview = Carte de la situation { $when }. { $total }.
picture-alt-places = Les secteurs les plus touchés y sont marqués{"\u00A0"}: { $places }.
