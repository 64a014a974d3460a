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
social-safety-notice = { $placed ->
    [yes] Avis de sécurité, secteur { $area }{"\u00A0"}: { $customers } sans électricité à { $as_of }.
   *[no] Avis de sécurité pour notre territoire{"\u00A0"}: { $customers } sans électricité à { $as_of }.
}
social-half-restored = { $placed ->
    [yes] Mise à jour, secteur { $area }{"\u00A0"}: { $customers } sans électricité à { $as_of }. Au plus fort de la panne{"\u00A0"}: { $peak }.
   *[no] Mise à jour pour notre territoire{"\u00A0"}: { $customers } sans électricité à { $as_of }. Au plus fort de la panne{"\u00A0"}: { $peak }.
}
# $begun : yes, ou no si les travaux sont encore à venir; $when : quand ils commencent
social-planned = { $begun ->
    [yes] Travaux prévus{ $placed ->
        [yes] , secteur { $area }
       *[no] {" "}sur notre territoire
    }{"\u00A0"}: { $customers } sans électricité à { $as_of }.
   *[no] Travaux prévus{ $placed ->
        [yes] , secteur { $area }
       *[no] {" "}sur notre territoire
    }{"\u00A0"}: le courant sera coupé { $when } pour { $customers }.
}
social-overview = { $outages ->
    [one] Le point à { $as_of }{"\u00A0"}: { $customers } sans électricité, en une seule panne.
   *[other] Le point à { $as_of }{"\u00A0"}: { $customers } sans électricité, en { $number } pannes.
}
# $places : Kanata (1 250 clients) et Barrhaven (600 clients)
social-overview-places = Secteurs les plus touchés{"\u00A0"}: { $places }.
social-overview-place = { $area } ({ $customers })
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

## Le ton d'un message, si la politique le demande; $variant tourne, pour qu'une tempête ne se lise pas comme une machine. Aucun fait ici.

social-tone-warm = { $variant ->
    [0] Merci de votre patience.
    [1] Merci de votre compréhension.
   *[2] Nous savons que l'attente est longue. Merci.
}
social-tone-light = { $variant ->
    [0] C'est le moment de remettre les horloges à l'heure.
    [1] La bouilloire vous attend.
   *[2] Que la lumière soit!
}
