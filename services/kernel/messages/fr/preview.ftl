## Tous les messages, pour ceux qui les écrivent : `surgecast messages preview`

preview-title = Tous les messages
preview-lead = Ce que { $utility } publierait sur chaque service, avec des nombres et des lieux inventés. Rien n'a été envoyé.
preview-kinds = Sortes de messages
preview-kind = { $kind ->
    [safety] Avis de sécurité
    [first_report] Première annonce
    [growth] Beaucoup plus de clients touchés
    [restored] Le courant est rétabli
    [estimate_missed] L'heure prévue est passée
    [half_restored] La moitié est rétablie
    [estimate] Heure de retour prévue
    [cause] La cause est connue
    [planned] Travaux planifiés
   *[digest] Le point sur plusieurs secteurs
}
preview-tone = { $tone ->
    [warm] ton chaleureux
    [light] ton léger
   *[plain] ton neutre
}
preview-case = { $case ->
    [some] une estimation pour une partie des pannes
    [none] sans estimation
    [begun] travaux en cours
    [unplaced] lieu inconnu
    [emergencies] plusieurs urgences
    [safety] plusieurs avis de sécurité
    [longest] longs noms et grands nombres
   *[usual] cas courant
}
preview-entry = { $case }, { $tone }, formule { $number }
preview-used = { $used } sur { $limit }
preview-left-out = Laissé de côté, faute de place{"\u00A0"}:
preview-policy = { $told ->
    [no] Votre politique n'en parle jamais.
   *[yes] Votre politique{"\u00A0"}: valeur { $value }, { $tone }{ $approval ->
        [yes] , avec approbation préalable.
       *[no] .
    }
}
