## Clavardage sur la page d'état

chat-open = Poser une question
chat-hint = Un assistant automatisé vous répond, selon ce qu'on sait maintenant. En cas d'urgence, faites le 911.
chat-no-script = Pour poser une question ici, il faut JavaScript, qui est désactivé dans ce navigateur. Cherchez votre secteur sur cette page{ $has_line ->
    [yes] , ou appelez au { $line }.
   *[no] , ou appelez au numéro inscrit sur votre facture.
}
chat-log = Conversation
chat-choices = Choix
chat-label = Votre question
chat-send = Envoyer
chat-you = Vous :
chat-us = Assistant :
chat-welcome = Bonjour! Écrivez votre question comme elle vous vient, ou choisissez-en une ici.
chat-thinking = Un instant…
chat-offline = Vous semblez hors ligne : je ne peux pas répondre. Votre question est encore là, réessayez dès que vous aurez du réseau.
chat-busy = Beaucoup de gens écrivent en ce moment. Attendez quelques secondes, puis réessayez.
chat-failed = Je ne peux pas répondre pour l'instant. Les pannes connues restent affichées sur cette page{ $has_line ->
    [yes] , et vous pouvez en signaler une au { $line }.
   *[no] .
}
chat-again = Réessayer
