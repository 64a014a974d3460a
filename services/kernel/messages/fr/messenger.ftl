## Messenger

messenger-bot = Vous parlez à l'assistant automatisé de { $utility }, un robot.
messenger-welcome = Demandez-moi dans vos mots s'il y a une panne, quand le courant reviendra ou quoi faire. Ou choisissez ici.
messenger-language = Quelle langue préférez-vous?
messenger-attachment = { $kind ->
    [sticker] Merci! Que voulez-vous savoir au sujet du courant?
    [link] Je ne peux pas ouvrir de liens. Dites-moi en mots ce qu'il vous faut.
   *[file] Je ne peux ni regarder d'images ni écouter d'enregistrements. Dites-moi en mots ce qu'il vous faut. Si un fil est tombé, restez à 10 mètres et faites le 911.
}
messenger-call = Nous appeler
