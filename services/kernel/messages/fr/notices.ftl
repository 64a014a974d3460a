## Être avisé du retour du courant : ce qu'on répond à qui le demande, et le seul message qu'on lui envoie.

# Ce qu'on attend
# $sureness : area, ou de leur propre panne : circuit, covered, close. $where : home (leur adresse), here (où se trouve leur appareil)
subscribe-what = { $sureness ->
   *[area] la panne du secteur { $area }
    [circuit] la panne du circuit qui alimente votre adresse
    [covered] { $where ->
        [here] la panne là où vous êtes en ce moment
       *[home] la panne qui touche votre adresse
    }
    [close] { $where ->
        [here] la panne tout près de là où vous êtes, qui ne vous touche peut-être pas,
       *[home] la panne tout près de votre adresse, qui ne la touche peut-être pas,
    }
}
# $way : same (le numéro d'où l'on écrit), calling (le numéro d'où l'on appelle), alexa, messenger (pendant $hours heures au plus)
subscribe-will = { $way ->
   *[same] Je vous écrirai une seule fois, quand { $what } sera finie. Pour annuler, textez ARRET.
    [calling] J'envoie un texto au numéro d'où vous appelez. Répondez-y OUI, et je vous écrirai une seule fois, quand { $what } sera finie.
    [alexa] Alexa vous avisera une seule fois, quand { $what } sera finie : il y aura un message de { $utility }. Demandez-moi alors de quoi il s'agit.
    [messenger] Je vous écrirai ici une seule fois, quand { $what } sera finie. Après { $hours } heures, je n'ai plus le droit d'écrire : si ça dure plus longtemps, redemandez-le-moi. Pour annuler, écrivez « arrêtez les messages ».
}
subscribe-already = { $way ->
   *[same] Je vous écrirai quand { $what } sera finie : c'était déjà noté. Pour annuler, textez ARRET.
    [calling] C'était déjà noté. Si notre texto vous le demande, répondez-y OUI, et je vous écrirai quand { $what } sera finie.
    [alexa] Alexa vous avisera quand { $what } sera finie : c'était déjà noté.
    [messenger] Je vous écrirai ici quand { $what } sera finie : c'était déjà noté. Il vous reste { $hours } heures; si ça dure plus longtemps, redemandez-le-moi.
}
subscribe-allow-alexa = Je n'ai pas encore le droit de vous aviser. Dans l'application Alexa, permettez les notifications de cette skill, puis redemandez-le-moi.
subscribe-none = On ne connaît aucune panne dans le secteur { $area } en ce moment : il n'y a pas de retour à attendre. { voice-if-out }
subscribe-unsure = Elle ne touche peut-être pas votre adresse.
subscribe-none-home = On ne connaît aucune panne à votre adresse en ce moment : il n'y a pas de retour à attendre. { voice-if-out }
subscribe-follow = Je ne peux pas vous envoyer de message d'ici. Notre page d'état montre chaque secteur au fil des changements, et offre des fils à suivre.
subscribe-ended = C'est noté. Vous ne recevrez aucun message de moi au sujet d'une panne, sauf si vous le redemandez.
subscribe-not-ended = Je ne peux pas le noter en ce moment : un message pourrait encore arriver. Redites-le-moi dans quelques minutes.
subscribe-text-us = Je ne peux pas envoyer de texto à ce numéro en ce moment. Textez-nous de là, et je vous dirai quand le courant sera revenu.
subscribe-away = Je ne peux pas le noter en ce moment. Redemandez-le dans quelques minutes.

# Au numéro d'où quelqu'un a appelé, avant quoi que ce soit d'autre
notice-confirm = { $utility } : quelqu'un nous a appelés pour recevoir ici un seul texto, quand { $what } sera finie. C'était vous? Répondez OUI. Sinon, ne faites rien : rien d'autre ne viendra.
notice-restored = { $utility } : le courant est revenu dans le secteur { $area } (à { $as_of }).{ $has_line ->
    [yes] {" "}Pas chez vous? Appelez-nous au { $line }.
   *[no] {" "}Pas chez vous? Avisez-nous.
}
notice-gone = { $utility } : à { $as_of }, aucune panne n'est plus signalée dans le secteur { $area }.{ $has_line ->
    [yes] {" "}Pas de courant? Appelez-nous au { $line }.
   *[no] {" "}Pas de courant? Avisez-nous.
}
# Sur Alexa, qui dit le reste elle-même, un avis nomme de qui il vient : « un nouveau message de ... »
notice-alexa = { $sureness ->
   *[area] { $utility }, au sujet du courant dans le secteur { $area }
    [circuit] { $utility }, au sujet du courant à votre adresse
    [covered] { $utility }, au sujet de la panne { $where ->
        [here] là où vous étiez au moment de votre demande
       *[home] qui touchait votre adresse
    }
    [close] { $utility }, au sujet de la panne tout près de { $where ->
        [here] là où vous étiez au moment de votre demande
       *[home] votre adresse
    }
}
# Pour qui attend la fin de sa propre panne. $ended : restored, gone (plus signalée, sans qu'on ait dit pourquoi)
notice-home = { $ended ->
   *[restored] { $sureness ->
       *[circuit] { $utility } : le courant est revenu sur le circuit qui alimente votre adresse (à { $as_of }).
        [covered] { $utility } : le courant est revenu là où { $where ->
            [here] vous étiez au moment de votre demande
           *[home] une panne touchait votre adresse
        } (à { $as_of }).
        [close] { $utility } : le courant est revenu tout près de { $where ->
            [here] là où vous étiez au moment de votre demande
           *[home] votre adresse
        } (à { $as_of }). On ne sait pas si la panne vous touchait.
    }
    [gone] { $sureness ->
       *[circuit] { $utility } : à { $as_of }, aucune panne n'est plus signalée sur le circuit qui alimente votre adresse.
        [covered] { $utility } : à { $as_of }, la panne { $where ->
            [here] là où vous étiez au moment de votre demande
           *[home] qui touchait votre adresse
        } n'est plus signalée.
        [close] { $utility } : à { $as_of }, la panne tout près de { $where ->
            [here] là où vous étiez au moment de votre demande
           *[home] votre adresse
        } n'est plus signalée.
    }
}{ $has_line ->
    [yes] {" "}Pas de courant? Appelez-nous au { $line }.
   *[no] {" "}Pas de courant? Avisez-nous.
}
