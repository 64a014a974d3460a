### Français. Rédigé pour des gens d'ici, pas traduit. Chaque message a son pendant dans en.ftl : même nom, mêmes faits
### (les tests y veillent). $utility, $line (téléphone) et $has_line sont là dans chaque message.

## Mots communs

day-tomorrow = demain
day-yesterday = hier
day-at-time = { $day } à { $time }

# $kind : exact, few (borne d'un petit nombre) ou about (un total où de petits nombres sont masqués)
customers = { $kind ->
    [few] moins de { $ceiling } clients
    [about] environ { $number } clients
   *[exact] { $count ->
        [0] aucun client
        [one] un client
       *[other] { $number } clients
    }
}

cause = { $cause ->
    [weather] les intempéries
    [equipment] un bris d'équipement
    [vegetation] un arbre ou une branche sur les fils
    [animal] un animal sur l'équipement
    [vehicle] une collision routière
    [planned] des travaux planifiés
    [fire] un incendie
    [safety] une coupure préventive
    [other] une autre cause
   *[unknown] une cause encore à préciser
}

crew = { $crew ->
    [assigned] une équipe est affectée
    [en_route] une équipe est en route
    [on_site] une équipe est sur place
   *[pending] en attente d'une équipe
}
