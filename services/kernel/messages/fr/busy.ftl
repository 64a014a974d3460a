## Plus de demandes qu'il n'est possible d'y répondre. Pour l'oreille.

busy-now = Désolé, trop de gens nous consultent en ce moment. Réessayez dans quelques minutes. { busy-danger }
busy-you = Vous avez posé beaucoup de questions en peu de temps. Attendez une minute, puis reposez la vôtre. { busy-danger }
busy-danger = Si vous voyez un fil tombé, restez à 10 mètres et appelez le 911.
