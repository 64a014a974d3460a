## Ce que les gens demandent : une page pour le personnel

questions-title = Ce que les gens demandent
questions-lead = { $count ->
    [0] Personne n'a rien demandé depuis { $since }.
    [one] Une question depuis { $since }; { $share } % ont été comprises.
   *[other] { $turns } questions depuis { $since }; { $share } % ont été comprises.
}
questions-asked = Le plus demandé
questions-gave-up = Où les gens abandonnent
questions-unmatched = Pas compris
questions-redacted = Les mots que nous ne connaissons pas ne sont pas gardés : « • » en tient lieu, « # » d'un nombre, « [place] » d'un lieu.
questions-none = Rien.
questions-col-intent = On demande
questions-col-turns = Questions
questions-col-after = Après avoir demandé
questions-col-times = Fois
questions-col-words = On a dit
questions-intent = { $intent ->
    [outage_status] s'il y a une panne
    [outage_restoration] quand le courant reviendra
    [outage_cause] la cause
    [outage_counts] combien de clients sont touchés
    [report_outage] à signaler une panne
    [report_hazard] à signaler un danger
    [subscribe] à être averti du retour du courant
    [planned_work] les travaux planifiés
    [safety_advice] quoi faire pour être en sécurité
    [nearest_centre] où trouver de l'aide
    [rate_now] si l'électricité est à bas prix
    [account_balance] le solde du compte
    [next_payment] la date du prochain paiement
    [agent] à parler à quelqu'un
    [help] ce qu'on peut demander
    [repeat] à réentendre la réponse
    [stop] à arrêter
   *[unknown] autre chose, que nous n'avons pas compris
}
questions-ending = { $ending ->
    [asked_back] précision demandée :
    [unsure] « voulez-vous dire » :
    [unmatched] pas compris :
    [unable] sans réponse possible :
    [shed] trop de demandes :
   *[answered] répondu :
}
questions-sign = { $sign ->
    [same_again] la même question encore et encore :
    [lost] pas compris deux fois de suite :
    [hung_up] raccroché :
   *[silent] plus rien dit :
}
