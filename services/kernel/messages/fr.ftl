### Français. Rédigé pour des gens d'ici, pas traduit. Chaque message a son pendant dans en.ftl : même nom, mêmes faits
### (les tests y veillent). $utility, $line (téléphone) et $has_line sont là dans chaque message.

## Mots communs

day-tomorrow = demain
day-yesterday = hier
day-at-time = { $day } à { $time }
# L'article fait partie de la date : d'ici le 21 septembre, depuis le 1er octobre.
day-date = le { $first ->
    [yes] 1er
   *[no] { $day }
} { $month }{ $shape ->
    [other_year] {" "}{ $year }
   *[this_year] {""}
}

# $shape : noon (midi), sharp (à l'heure juste) ou minutes. Entre le nombre et h, une espace insécable.
time = { $shape ->
    [noon] midi
    [sharp] { $hour24 }{"\u00A0"}h
   *[minutes] { $hour24 }{"\u00A0"}h{"\u00A0"}{ $minute }
}

at-when = { $shape ->
    [today] à { $when }
   *[other] { $when }
}

list = { $head } et { $last }
list-choice = { $head } ou { $last }

# $kind : exact, few (borne d'un petit nombre) ou about (un total où de petits nombres sont masqués)
customers = { $kind ->
    [few] moins de { $ceiling } clients
    [about] environ { $number } clients
   *[exact] { $count ->
        [0] aucun client
        [one] un client
       *[other] { $number } clients
    }
}

cause = { $cause ->
    [weather] les intempéries
    [equipment] un bris d'équipement
    [vegetation] un arbre ou une branche sur les fils
    [animal] un animal sur l'équipement
    [vehicle] une collision routière
    [planned] des travaux planifiés
    [fire] un incendie
    [safety] une coupure préventive
    [other] une autre cause
   *[unknown] une cause encore à préciser
}

crew = { $crew ->
    [assigned] une équipe est affectée
    [en_route] une équipe est en route
    [on_site] une équipe est sur place
   *[pending] en attente d'une équipe
}

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

# Conversation
voice-as-of = Sans mise à jour depuis { $when }, voici nos dernières nouvelles : { $answer }
voice-no-data = Je n'ai pas accès aux pannes pour l'instant. Redemandez-moi dans quelques minutes.
voice-which-area = Vous êtes dans quel secteur? Dites-moi votre ville ou votre quartier{ $postal ->
    [yes] , ou les trois premiers caractères de votre code postal.
   *[no] .
}
voice-place-unknown = Je n'ai aucune panne au nom de { $place }. Le secteur porte peut-être un autre nom : essayez votre ville ou votre quartier{ $postal ->
    [yes] , ou les trois premiers caractères de votre code postal.
   *[no] .
} { voice-if-out }
voice-no-postal = Je ne peux pas chercher par code postal. Vous êtes dans quelle ville ou quel quartier?
voice-hazard = Restez à au moins 10 mètres, éloignez les gens et considérez que tout fil est sous tension. Appelez le 911 tout de suite{ $has_line ->
    [yes] , puis avisez-nous au { $line }.
   *[no] , puis avisez-nous.
} Si un fil touche votre auto, restez à l'intérieur.
voice-report = { $has_line ->
    [yes] Pour signaler une panne, appelez-nous au { $line }. Vérifiez d'abord vos disjoncteurs, et si vos voisins ont du courant.
   *[no] Pour signaler une panne, appelez au numéro inscrit sur votre facture. Vérifiez d'abord vos disjoncteurs, et si vos voisins ont du courant.
}
voice-agent = { $has_line ->
    [yes] Pour parler à quelqu'un, appelez-nous au { $line }.
   *[no] Pour parler à quelqu'un, appelez au numéro inscrit sur votre facture.
}
voice-welcome = Bonjour, ici { $utility }. Demandez-moi s'il y a une panne chez vous ou quand le courant reviendra. Vous êtes dans quel secteur?
voice-help = Vous pouvez me demander s'il y a une panne chez vous, quand le courant reviendra, ce qui l'a causée ou combien de clients sont touchés. Vous êtes dans quel secteur?
voice-reprompt = Vous êtes dans quel secteur?
voice-repeat = Je n'ai encore rien à répéter. Demandez-moi s'il y a une panne chez vous.
voice-stop = Au revoir.
voice-unknown = Je n'ai pas bien compris. Vous pouvez me demander s'il y a une panne chez vous, ou quand le courant reviendra.
voice-did-you-mean = Je n'ai pas bien compris. Voulez-vous savoir { $choices }?
voice-choice = { $intent ->
    [outage_status] s'il y a une panne
    [outage_restoration] quand le courant reviendra
    [outage_cause] ce qui a causé la panne
    [outage_counts] combien de clients sont touchés
    [report_outage] comment signaler une panne
    [report_hazard] quoi faire devant un fil tombé
    [agent] comment joindre quelqu'un
   *[help] ce que je peux faire pour vous
}

## Sources silencieuses (voix, page et fils)

# « pour » devant un nom : « de » s'élide devant certains.
source-stale = Aucune mise à jour reçue depuis { $when } pour { $sources }.
source-never = Aucune donnée reçue jusqu'ici pour { $sources }.
source-others = { $count ->
    [one] une autre source
   *[other] { $number } autres sources
}

## Page d'état

page-utility = { $utility }
page-title = Pannes de courant
page-skip = Aller aux pannes
page-as-of = Situation à { $time }, { $date }
page-age = Mise à jour il y a { $age }
page-age-now = Mise à jour il y a moins d'une minute
page-stale = La dernière mise à jour de cette page remonte à { $age }. La situation a pu changer depuis.
# $kind : exact, few (borne d'un petit nombre) ou about (un total où de petits nombres sont masqués)
page-figure-kind = { $kind ->
    [few] moins de
    [about] environ
   *[exact] {""}
}
page-customers-out = { $count ->
    [one] client sans courant
   *[other] clients sans courant
}
page-outages-open = { $count ->
    [one] panne
   *[other] pannes
}
page-areas-hit = { $count ->
    [one] secteur touché
   *[other] secteurs touchés
}
page-none = Aucune panne connue en ce moment.
page-areas-heading = Où le courant manque
page-by-customers = Du plus grand nombre de clients au plus petit. Une panne qui touche plusieurs secteurs compte dans chacun.
page-col-area = Secteur
page-col-customers = Clients
page-col-estimate = Retour prévu
page-outages = { $count ->
    [one] { $number } panne
   *[other] { $number } pannes
}
page-all-planned = travaux planifiés
page-some-planned = dont { $number } pour des travaux planifiés
page-estimate-none = heure encore inconnue
page-estimate-passed = L'heure annoncée est passée : on attend une nouvelle estimation
page-estimate-partly = heure encore inconnue pour { $count ->
    [one] { $number } panne
   *[other] { $number } pannes
}
page-by = d'ici
page-was = était prévu :
page-more-areas = { $count ->
    [one] { $number } autre secteur
   *[other] { $number } autres secteurs
}
page-most-areas = Secteurs absents de cette liste ({ $number }) : cherchez-les par leur nom, plus haut.
page-find-label = Trouver votre secteur
page-find-hint = Comme dans la liste : une ville ou un quartier, ou un code postal si la liste en contient
page-find-button = Chercher
page-follow-heading = Suivre
page-follow-feed = Fil des pannes (Atom)
page-follow-data = Données :
page-safety-heading = Restez en sécurité
page-safety-lines = Fil au sol? Restez à 10 mètres au moins, la longueur d'un autobus scolaire, et éloignez les autres. Faites le 911.
page-safety-generator = Génératrice et barbecue : toujours dehors, loin des portes et des fenêtres.
page-safety-appliances = Éteignez la cuisinière et les chaufferettes. Gardez le frigo et le congélateur fermés.
page-report-heading = Signaler une panne
page-masked = Sous { $threshold }, les nombres ne sont pas donnés exactement, par souci de confidentialité. Les totaux les comptent au plus haut.
page-unplaced = Lieu non précisé
page-area-title = Pannes de courant : { $area }
page-all-areas = Tous les secteurs
page-area-none = Aucune panne connue dans le secteur { $area } en ce moment. Si vous n'avez pas de courant, vérifiez vos disjoncteurs, puis signalez la panne.
page-col-since = Depuis
page-col-cause = Cause
page-col-crew = Équipe
page-customers-unknown = Nombre de clients encore inconnu
page-cause-unknown = encore à préciser
page-planned = Travaux planifiés
page-outages-rest = Voici les { $shown } pannes qui touchent le plus de clients. Il y en a { $count ->
    [one] { $number } autre
   *[other] { $number } autres
} dans ce secteur.
page-find-title = Recherche : { $text }
page-find-several = Ces secteurs ont cela dans leur nom.
page-find-none = Aucun secteur en panne ne figure sous le nom « { $text } ». Le vôtre porte peut-être un autre nom : vérifiez l'orthographe ou parcourez tous les secteurs. Si vous n'avez pas de courant, vérifiez vos disjoncteurs, puis signalez la panne.
page-find-empty = Écrivez le nom de votre ville ou de votre quartier.
page-missing-title = Rien à cette adresse
page-missing = Il n'y a peut-être plus de panne dans votre secteur, ou l'adresse a changé. Toutes les pannes connues sont sur la page d'état.

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
