## Ce que seule Alexa dit et affiche.

alexa-reprompt = Que voulez-vous savoir d'autre?
alexa-meanwhile = Un instant, je regarde.
alexa-card-title = { $utility }

# La page de la skill dans la boutique. $invocation : comment on l'appelle
alexa-store-summary = Demandez s'il y a une panne et quand le courant reviendra.
alexa-store-description = Demandez à { $utility } s'il y a une panne chez vous, quand le courant reviendra, ce qui s'est passé et combien de clients sont touchés. Signalez un danger, trouvez une halte-chaleur et demandez si c'est le bon moment pour la lessive. Avec un compte lié, demandez votre solde et votre prochain paiement.
alexa-store-keywords = panne de courant, hydro, électricité, tempête, coupure
alexa-store-testing = Demandez s'il y a une panne dans un secteur du type AREA. Aucun compte n'est requis; seuls le solde et le prochain paiement demandent un compte lié.
alexa-example-status = Alexa, demande à { $invocation } s'il y a une panne chez moi
alexa-example-restoration = Alexa, demande à { $invocation } quand le courant reviendra
alexa-example-rates = Alexa, demande à { $invocation } si c'est le bon moment pour la lessive
