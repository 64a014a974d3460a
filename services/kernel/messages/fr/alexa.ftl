## Ce que seule Alexa dit et affiche.

alexa-reprompt = Que voulez-vous savoir d'autre?
alexa-meanwhile = Un instant, je regarde.
alexa-card-title = { $utility }
