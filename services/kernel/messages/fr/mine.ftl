## La panne de quelqu'un : à quel point on en est sûr. $where : home, named (une de plusieurs adresses), here (où se trouve l'appareil)

# $sureness : circuit, covered, close, area
mine-found = { $sureness ->
   *[circuit] { $where ->
        [named] Le circuit qui alimente le { $address } est en panne.
       *[home] Le circuit qui alimente votre adresse est en panne.
    }
    [covered] { $where ->
        [here] Il y a une panne là où vous êtes.
        [named] Une panne touche l'endroit où se trouve le { $address }.
       *[home] Une panne touche l'endroit où se trouve votre adresse.
    }
    [close] Il y a une panne tout près, mais on ne sait pas si elle { $where ->
        [here] vous touche
        [named] touche le { $address }
       *[home] touche votre adresse
    }.
    [area] { $where ->
        [named] Il y a une panne dans le secteur du { $address }; elle ne touche peut-être pas cette adresse.
       *[home] Il y a une panne dans votre secteur; elle ne touche peut-être pas votre adresse.
    }
}
mine-none = On ne connaît aucune panne { $where ->
    [here] là où vous êtes
    [named] au { $address }
   *[home] à votre adresse
} en ce moment. { $unplaced ->
    [yes] Certaines pannes ne sont pas encore localisées.
   *[no] {""}
} { voice-if-out }
mine-planned = Ce sont des travaux planifiés.
# $known : known, other (connue, mais sans détails), unknown
mine-cause = { $known ->
    [known] La panne est causée par { $cause }.
    [other] On connaît la cause, mais on ne nous a pas donné de détails.
   *[unknown] On ne connaît pas encore la cause; on la cherche.
}
