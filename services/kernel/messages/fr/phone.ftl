## Le téléphone et les textos.

phone-language = Pour le français, faites le 2.
phone-language-hints = français, French
phone-menu = { $utility }. Si vous voyez un fil tombé, éloignez-vous et faites le 3. Sinon, dites-moi ce que vous cherchez, ou faites le 1 si vous n'avez plus de courant, le 2 pour savoir quand il reviendra, le 4 pour signaler une panne, ou le 0 pour parler à quelqu'un.
phone-menu-again = Dites-moi ce que vous cherchez, ou faites le 1 si vous n'avez plus de courant, le 2 pour savoir quand il reviendra, le 3 pour un fil tombé, le 4 pour signaler une panne, ou le 0 pour parler à quelqu'un.
phone-unheard = Je n'ai rien entendu.
phone-wrong-key = Cette touche ne sert pas ici.
phone-else = Autre chose? Pour réentendre, faites l'étoile; pour parler à quelqu'un, le 0.
phone-press = { $count ->
    [1] Faites le 1, ou dites-le autrement.
    [2] Faites le 1 ou le 2, ou dites-le autrement.
   *[3] Faites le 1, le 2 ou le 3, ou dites-le autrement.
}
phone-connecting = Je vous passe quelqu'un. Restez en ligne.
phone-no-luck = Désolé, je n'arrive pas à vous aider.
phone-agent-away = Personne ne peut vous répondre en ce moment. Rappelez un peu plus tard.
phone-hints = courant, panne, panne de courant, fil tombé, équipe, retour du courant, solde, paiement, agent, code postal

sms-pick = { $count ->
    [1] Répondez 1.
    [2] Répondez 1 ou 2.
   *[3] Répondez 1, 2 ou 3.
}
sms-help = { $utility } : textez votre ville ou code postal, ou posez votre question.{ $has_line ->
    [yes] {" "}Pour nous parler : { $line }.
   *[no] {""}
} ARRET pour cesser.
sms-stopped = { $utility } : c'est noté. On vous écrit seulement si vous nous écrivez. Textez REPRENDRE pour recommencer.
sms-not-stopped = { $utility } : je ne peux pas le noter en ce moment : un texto pourrait encore arriver. Retextez ARRET dans quelques minutes.
sms-confirmed = { $utility } : merci. Je vous écrirai une seule fois, quand la panne dont vous avez parlé sera finie. Pour annuler, textez ARRET.
sms-not-confirmed = { $utility } : je ne peux pas le noter en ce moment. Retextez OUI dans quelques minutes.
sms-started = { $utility } : c'est reparti. Textez votre ville ou votre code postal pour savoir s'il y a une panne.
sms-picture = Je ne vois pas les photos. Si c'est un fil tombé, restez à 10 mètres et appelez le 911. Sinon, dites-le-moi en mots.
