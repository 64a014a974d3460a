## Messages sociaux. Les phrases qui tiennent, dans l'ordre; ni adresse web ni nom de domaine : ils comptent et se paient comme liens.

# $placed : yes, ou no si la source ne nomme aucun lieu
social-first-report = { $placed ->
    [yes] Panne de courant, secteur { $area }{"\u00A0"}: { $customers } sans électricité à { $as_of }.
   *[no] Pannes de courant sur notre territoire{"\u00A0"}: { $customers } sans électricité à { $as_of }.
}
social-growth = { $placed ->
    [yes] Mise à jour, secteur { $area }{"\u00A0"}: maintenant { $customers } sans électricité à { $as_of }.
   *[no] Mise à jour pour notre territoire{"\u00A0"}: maintenant { $customers } sans électricité à { $as_of }.
}
social-estimate = { $placed ->
    [yes] Mise à jour, secteur { $area }{"\u00A0"}: { $customers } sans électricité à { $as_of }.
   *[no] Mise à jour pour notre territoire{"\u00A0"}: { $customers } sans électricité à { $as_of }.
}
social-restored = { $placed ->
    [yes] Secteur { $area }{"\u00A0"}: le courant est rétabli, selon les données de { $as_of }.
   *[no] Le courant est rétabli sur tout notre territoire, selon les données de { $as_of }.
}
# $shape : all (toutes les pannes ont une estimation), some, passed ou none
social-estimated = { $shape ->
    [all] Retour du courant prévu d'ici { $when }.
    [some] Là où il y a une estimation, retour du courant prévu d'ici { $when }.
    [passed] L'heure prévue ({ $when }) est passée et il n'y en a pas encore de nouvelle.
   *[none] Aucune heure de retour n'est encore prévue.
}
social-cause = Cause{"\u00A0"}: { $cause }.
social-safety = Restez à au moins 10 mètres des fils tombés.
social-still-out = { $has_line ->
    [yes] Toujours en panne? Appelez le { $line }.
   *[no] Toujours en panne? Signalez-le-nous.
}
