## Messages sociaux. Les phrases qui tiennent, dans l'ordre; ni adresse web ni nom de domaine : ils comptent et se paient comme liens.
##
## Un message a autant de formules que de numéros : social-growth, social-growth-2, social-growth-3. Elles passent à tour de rôle, pour
## qu'une tempête ne se lise pas comme une machine, et disent toutes les mêmes faits. Ce qui est propre à un service : social-services.ftl.

# $placed : yes, ou no si la source ne nomme aucun lieu
social-first-report = { $placed ->
    [yes] Panne de courant, secteur { $area }{"\u00A0"}: { $customers } sans électricité à { $as_of }.
   *[no] Pannes de courant sur notre territoire{"\u00A0"}: { $customers } sans électricité à { $as_of }.
}
social-first-report-2 = { $placed ->
    [yes] Panne dans le secteur { $area }. Sans électricité à { $as_of }{"\u00A0"}: { $customers }.
   *[no] Pannes sur notre territoire. Sans électricité à { $as_of }{"\u00A0"}: { $customers }.
}
social-first-report-3 = { $placed ->
    [yes] Le courant manque dans le secteur { $area }{"\u00A0"}: à { $as_of }, { $customers } sans électricité.
   *[no] Le courant manque sur notre territoire{"\u00A0"}: à { $as_of }, { $customers } sans électricité.
}
social-first-report-4 = { $placed ->
    [yes] À { $as_of }, on compte { $customers } sans électricité dans le secteur { $area }.
   *[no] À { $as_of }, on compte { $customers } sans électricité sur notre territoire.
}
social-growth = { $placed ->
    [yes] Mise à jour, secteur { $area }{"\u00A0"}: désormais { $customers } sans électricité à { $as_of }.
   *[no] Mise à jour pour notre territoire{"\u00A0"}: désormais { $customers } sans électricité à { $as_of }.
}
social-growth-2 = { $placed ->
    [yes] La panne prend de l'ampleur dans le secteur { $area }{"\u00A0"}: { $customers } sans électricité à { $as_of }.
   *[no] Les pannes prennent de l'ampleur sur notre territoire{"\u00A0"}: { $customers } sans électricité à { $as_of }.
}
social-growth-3 = { $placed ->
    [yes] Secteur { $area }{"\u00A0"}: le courant manque à plus de monde. Sans électricité à { $as_of }{"\u00A0"}: { $customers }.
   *[no] Le courant manque à plus de monde sur notre territoire. Sans électricité à { $as_of }{"\u00A0"}: { $customers }.
}
social-estimate = { $placed ->
    [yes] Mise à jour, secteur { $area }{"\u00A0"}: { $customers } sans électricité à { $as_of }.
   *[no] Mise à jour pour notre territoire{"\u00A0"}: { $customers } sans électricité à { $as_of }.
}
social-estimate-2 = { $placed ->
    [yes] Le point sur le secteur { $area }, à { $as_of }{"\u00A0"}: { $customers } sans électricité.
   *[no] Le point sur notre territoire, à { $as_of }{"\u00A0"}: { $customers } sans électricité.
}
social-estimate-3 = { $placed ->
    [yes] Des nouvelles du secteur { $area }{"\u00A0"}: { $customers } sans électricité à { $as_of }.
   *[no] Des nouvelles de notre territoire{"\u00A0"}: { $customers } sans électricité à { $as_of }.
}
social-restored = { $placed ->
    [yes] Secteur { $area }{"\u00A0"}: le courant est rétabli, selon les données de { $as_of }.
   *[no] Le courant est rétabli sur tout notre territoire, selon les données de { $as_of }.
}
social-restored-2 = { $placed ->
    [yes] Courant rétabli dans le secteur { $area }, selon les données de { $as_of }.
   *[no] Courant rétabli sur tout notre territoire, selon les données de { $as_of }.
}
social-restored-3 = { $placed ->
    [yes] Le courant est de retour dans le secteur { $area }, selon les données de { $as_of }.
   *[no] Le courant est de retour sur tout notre territoire, selon les données de { $as_of }.
}
social-safety-notice = { $placed ->
    [yes] Avis de sécurité, secteur { $area }{"\u00A0"}: { $customers } sans électricité à { $as_of }.
   *[no] Avis de sécurité pour notre territoire{"\u00A0"}: { $customers } sans électricité à { $as_of }.
}
social-safety-notice-2 = { $placed ->
    [yes] Avis de sécurité pour le secteur { $area }. Sans électricité à { $as_of }{"\u00A0"}: { $customers }.
   *[no] Avis de sécurité pour tout notre territoire. Sans électricité à { $as_of }{"\u00A0"}: { $customers }.
}
social-half-restored = { $placed ->
    [yes] Mise à jour, secteur { $area }{"\u00A0"}: { $customers } sans électricité à { $as_of }. Au plus fort de la panne{"\u00A0"}: { $peak }.
   *[no] Mise à jour pour notre territoire{"\u00A0"}: { $customers } sans électricité à { $as_of }. Au plus fort de la panne{"\u00A0"}: { $peak }.
}
social-half-restored-2 = { $placed ->
    [yes] Secteur { $area }{"\u00A0"}: { $customers } sans électricité à { $as_of }, contre { $peak } au plus fort de la panne.
   *[no] Sur notre territoire{"\u00A0"}: { $customers } sans électricité à { $as_of }, contre { $peak } au plus fort des pannes.
}
social-half-restored-3 = { $placed ->
    [yes] Le point sur le secteur { $area }. Au plus fort de la panne{"\u00A0"}: { $peak } sans électricité. À { $as_of }{"\u00A0"}: { $customers }.
   *[no] Le point sur notre territoire. Au plus fort des pannes{"\u00A0"}: { $peak } sans électricité. À { $as_of }{"\u00A0"}: { $customers }.
}
# $begun : yes, ou no si les travaux sont encore à venir; $when : quand ils commencent
social-planned = { $begun ->
    [yes] Travaux planifiés{ $placed ->
        [yes] , secteur { $area }
       *[no] {" "}sur notre territoire
    }{"\u00A0"}: { $customers } sans électricité à { $as_of }.
   *[no] Travaux planifiés{ $placed ->
        [yes] , secteur { $area }
       *[no] {" "}sur notre territoire
    }{"\u00A0"}: le courant sera coupé { $when } pour { $customers }.
}
social-planned-2 = { $begun ->
    [yes] Les travaux planifiés sont en cours { $placed ->
        [yes] dans le secteur { $area }
       *[no] sur notre territoire
    }. Sans électricité à { $as_of }{"\u00A0"}: { $customers }.
   *[no] Pour des travaux planifiés { $placed ->
        [yes] dans le secteur { $area }
       *[no] sur notre territoire
    }, nous couperons le courant { $when } pour { $customers }.
}
social-overview = { $outages ->
    [1] Le point à { $as_of }{"\u00A0"}: { $customers } sans électricité, en une seule panne.
   *[other] Le point à { $as_of }{"\u00A0"}: { $customers } sans électricité, en { $number } pannes.
}
social-overview-2 = { $outages ->
    [1] Sur tout notre territoire à { $as_of }{"\u00A0"}: une seule panne, { $customers } sans électricité.
   *[other] Sur tout notre territoire à { $as_of }{"\u00A0"}: { $number } pannes, { $customers } sans électricité.
}
social-overview-3 = { $outages ->
    [1] Où en est-on à { $as_of }? Une seule panne en cours, { $customers } sans électricité.
   *[other] Où en est-on à { $as_of }? { $number } pannes en cours, { $customers } sans électricité.
}
# $places : Kanata (1 250 clients) et Barrhaven (600 clients)
social-overview-places = Secteurs les plus touchés{"\u00A0"}: { $places }.
social-overview-places-2 = Là où le courant manque le plus{"\u00A0"}: { $places }.
# $places : Kanata, Barrhaven et Nepean
social-overview-safety = Avis de sécurité{"\u00A0"}: { $places }. Des clients y sont sans électricité.
social-overview-safety-2 = Avis de sécurité. Des clients sont sans électricité{"\u00A0"}: { $places }.
# $places : Kanata (12 500 clients) et Barrhaven (6 000 clients)
social-overview-urgent = Pannes majeures{"\u00A0"}: { $places }.
social-overview-urgent-2 = Des pannes majeures touchent { $places }.
social-overview-place = { $area } ({ $customers })
# $shape : all (toutes les pannes ont une estimation), some, passed ou none
social-estimated = { $shape ->
    [all] Retour du courant prévu d'ici { $when }.
    [some] Là où il y a une estimation, retour du courant prévu d'ici { $when }.
    [passed] L'heure prévue ({ $when }) est passée et il n'y en a pas encore de nouvelle.
   *[none] Aucune heure de retour n'est encore prévue.
}
social-estimated-2 = { $shape ->
    [all] Le courant devrait revenir d'ici { $when }.
    [some] Pour une partie des pannes, une estimation{"\u00A0"}: retour du courant d'ici { $when }.
    [passed] Nous avons dépassé l'heure prévue ({ $when }), et n'en avons pas encore d'autre.
   *[none] Nous n'avons pas encore d'heure de retour du courant.
}
social-estimated-3 = { $shape ->
    [all] Nous prévoyons le retour du courant d'ici { $when }.
    [some] Là où nous avons une estimation, le courant devrait revenir d'ici { $when }.
    [passed] L'heure prévue ({ $when }) est dépassée; aucune autre n'est encore fixée.
   *[none] L'heure du retour n'est pas encore connue.
}
social-cause = Cause{"\u00A0"}: { $cause }.
social-cause-2 = À l'origine{"\u00A0"}: { $cause }.
social-cause-3 = En cause{"\u00A0"}: { $cause }.
social-safety = Restez à au moins 10 mètres des fils tombés.
social-safety-2 = Ne vous approchez pas à moins de 10 mètres d'un fil au sol.
social-safety-3 = Un fil est tombé? Restez à au moins 10 mètres.
social-still-out = { $has_line ->
    [yes] Toujours en panne? Appelez le { $line }.
   *[no] Toujours en panne? Signalez-le-nous.
}
social-still-out-2 = { $has_line ->
    [yes] Si le courant manque encore chez vous, appelez le { $line }.
   *[no] Si le courant manque encore chez vous, dites-le-nous.
}
social-still-out-3 = { $has_line ->
    [yes] Pas encore de courant chez vous? Appelez le { $line }.
   *[no] Pas encore de courant chez vous? Faites-nous signe.
}
# Une phrase de plus pour une première annonce, et une dernière pour les annonces et les avis de sécurité. Rien, sauf sur certains services.
social-advice = {""}
social-tags = {""}

## Le ton d'un message, si la politique le demande. Aucun fait ici. Rien n'en est dit quand la sécurité est en jeu.

social-tone-warm = Merci de votre patience.
social-tone-warm-2 = Merci de votre compréhension.
social-tone-warm-3 = Nous savons que l'attente est longue. Merci.
social-tone-warm-4 = Nous savons que vous comptez sur nous. Merci de patienter.
# Léger, quand tout le monde a de nouveau du courant
social-tone-light = C'est le moment de remettre les horloges à l'heure.
social-tone-light-2 = La bouilloire vous attend.
social-tone-light-3 = Que la lumière soit!
# Léger, quand certains attendent encore
social-tone-half-light = La moitié du chemin est faite.
social-tone-half-light-2 = À mi-chemin, et ça continue.
