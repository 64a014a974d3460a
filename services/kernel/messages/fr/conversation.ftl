## Conversation

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
