## Compte : dit seulement à la personne qui l'a associé

account-day = { $near ->
    [today] aujourd'hui
    [near] { $day }
   *[date] { $day }
}
# $state : owed, credit, zero; $due : none (date inconnue), ahead (aujourd'hui aussi), passed
account-balance = { $state ->
   *[owed] Votre solde est de { $amount }{ $due ->
       *[none] .
        [ahead] , à payer { $day }.
        [passed] . L'échéance était { $day }.
    }
    [credit] Vous avez un crédit de { $amount }.
    [zero] Vous n'avez rien à payer.
}
account-next = { $due ->
   *[none] Vous n'avez aucun paiement à venir.
    [ahead] Votre prochain paiement, de { $amount }, est à faire { $day }.
    [passed] Un paiement de { $amount } était à faire { $day }.
}
# $way : link, alexa, call (rien ne s'associe par téléphone)
account-link = { $way ->
   *[link] C'est personnel. Associez d'abord votre compte, puis redemandez-moi.
    [alexa] C'est personnel. Ouvrez l'appli Alexa pour associer votre compte, puis redemandez-moi.
    [call] { $has_line ->
        [yes] Je ne peux pas parler des comptes par ce moyen. Appelez-nous au { $line }.
       *[no] Je ne peux pas parler des comptes par ce moyen. Appelez au numéro inscrit sur votre facture.
    }
}
account-away = Je n'ai pas accès à votre compte en ce moment. Redemandez-moi dans quelques minutes. Je peux toujours vous renseigner sur les pannes.
account-closed = { $has_line ->
    [yes] Je n'ai aucun compte à consulter pour vous. Appelez-nous au { $line }.
   *[no] Je n'ai aucun compte à consulter pour vous. Appelez au numéro inscrit sur votre facture.
}
