## Être avisé du retour du courant : ce qu'on répond à qui le demande, et le seul texto qu'on lui envoie.

# $number : same (le numéro d'où l'on écrit), calling (le numéro d'où l'on appelle)
subscribe-will = { $number ->
   *[same] Je vous écrirai
    [calling] J'enverrai un texto au numéro d'où vous appelez
}, une seule fois, quand la panne du secteur { $area } sera finie. Pour annuler, textez ARRET.
subscribe-already = { $number ->
   *[same] Je vous écrirai
    [calling] J'enverrai un texto au numéro d'où vous appelez
} quand la panne du secteur { $area } sera finie : c'était déjà noté. Pour annuler, textez ARRET.
subscribe-none = On ne connaît aucune panne dans le secteur { $area } en ce moment : il n'y a pas de retour à attendre. { voice-if-out }
subscribe-follow = Je ne peux pas vous envoyer de message d'ici. Notre page d'état montre chaque secteur au fil des changements, et offre des fils à suivre.
subscribe-away = Je ne peux pas le noter en ce moment. Redemandez-le dans quelques minutes.

notice-restored = { $utility } : le courant est revenu dans le secteur { $area } (à { $as_of }).{ $has_line ->
    [yes] {" "}Pas chez vous? Appelez-nous au { $line }.
   *[no] {" "}Pas chez vous? Avisez-nous.
}
notice-gone = { $utility } : à { $as_of }, aucune panne n'est plus signalée dans le secteur { $area }.{ $has_line ->
    [yes] {" "}Pas de courant? Appelez-nous au { $line }.
   *[no] {" "}Pas de courant? Avisez-nous.
}
