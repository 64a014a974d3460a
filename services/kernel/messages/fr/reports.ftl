## Ce qu'on dit à qui signale une panne ou un danger. Pour l'oreille. $kind : outage ou hazard

report-hazard = Restez à au moins 10 mètres, éloignez les gens et considérez que tout fil est sous tension. Appelez le 911 tout de suite. Si un fil touche votre auto, restez à l'intérieur.
report-where = { $kind ->
    [hazard] C'est où? Dites-moi la rue et la ville, et je le transmets à nos équipes.
   *[outage] C'est où, la panne? Dites-moi votre rue et votre ville, ou votre code postal.
}
report-passed-on = { $kind ->
    [hazard] J'ai transmis votre signalement à nos équipes.
   *[outage] Merci, j'ai transmis votre signalement à nos équipes. Vérifiez aussi vos disjoncteurs, et si vos voisins ont du courant.
}
report-again = { $kind ->
    [hazard] Nos équipes ont bien votre signalement.
   *[outage] Nos équipes ont déjà votre signalement. Vérifiez aussi vos disjoncteurs, et si vos voisins ont du courant.
}
