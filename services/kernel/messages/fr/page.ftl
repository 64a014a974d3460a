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
