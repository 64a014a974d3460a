## Association d'un compte : la page où la personne l'autorise

link-title = Associer votre compte { $utility }
link-asks = « { $client } » demande à savoir, quand vous le lui demandez :
link-right-outage = s'il y a une panne à votre adresse
link-right-account = votre solde et votre prochain paiement
link-label = Votre code d'accès
link-hint = Douze lettres et chiffres, comme ABCD‑EFGH‑2345. Ne l'entrez nulle part ailleurs.
link-after = Vous retournerez ensuite à { $back }. Vous pouvez mettre fin à l'association en tout temps, là où vous l'avez faite.
link-failed = Erreur : { $title }
link-allow = Associer mon compte
link-deny = Ne pas l'associer
link-other = English
link-wrong = Ce code est inconnu. Vérifiez-le et réessayez.
link-limited = Trop de codes viennent d'être essayés. Attendez une minute, puis réessayez.
link-down = Aucun compte ne peut être associé en ce moment. Rien n'a été associé. Réessayez dans une minute.
link-bad = Ce lien ne fonctionne pas : la demande est mal faite. Rien n'a été associé. Revenez d'où vous venez et recommencez.
