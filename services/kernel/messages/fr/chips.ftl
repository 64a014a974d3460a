## Boutons. Au plus 20 caractères : Messenger coupe ce qui dépasse. Un bouton touché dit son texte.

chip = { $intent ->
    [outage_status] Y a-t-il une panne?
    [outage_restoration] Retour du courant?
    [outage_cause] Que s'est-il passé?
    [outage_counts] Combien de clients?
    [report_outage] Signaler une panne
    [report_hazard] Un fil est tombé
    [subscribe] Avisez-moi du retour
    [planned_work] Travaux planifiés
    [safety_advice] Conseils de sécurité
    [nearest_centre] Centre d'aide proche
    [rate_now] Tarif en ce moment?
    [account_balance] Mon solde
    [next_payment] Prochain paiement
    [agent] Parler à quelqu'un
    [repeat] Répétez
    [stop] Arrêter
   *[help] Aide
}
