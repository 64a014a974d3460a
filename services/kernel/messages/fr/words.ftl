### Français. Rédigé pour des gens d'ici, pas traduit. Chaque message a son pendant dans en.ftl : même nom, mêmes faits
### (les tests y veillent). $utility, $line (téléphone) et $has_line sont là dans chaque message.

## Mots communs

day-tomorrow = demain
day-yesterday = hier
day-at-time = { $day } à { $time }
# L'article fait partie de la date : d'ici le 21 septembre, depuis le 1er octobre.
day-date = le { $first ->
    [yes] 1er
   *[no] { $day }
} { $month }{ $shape ->
    [other_year] {" "}{ $year }
   *[this_year] {""}
}

# $shape : noon (midi), sharp (à l'heure juste) ou minutes. Entre le nombre et h, une espace insécable.
time = { $shape ->
    [noon] midi
    [sharp] { $hour24 }{"\u00A0"}h
   *[minutes] { $hour24 }{"\u00A0"}h{"\u00A0"}{ $minute }
}

at-when = { $shape ->
    [today] à { $when }
   *[other] { $when }
}

list = { $head } et { $last }
list-choice = { $head } ou { $last }

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
