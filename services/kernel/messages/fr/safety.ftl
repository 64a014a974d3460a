## Conseils de sécurité, et lieux où trouver de l'aide. Pour l'oreille : d'abord ce qu'il faut faire d'abord.

safety-general = En cas de danger, appelez le 911. Restez à au moins 10 mètres des fils tombés. Génératrice et barbecue : dehors seulement. Gardez le frigo fermé, éteignez la cuisinière et les chaufferettes, et prenez des nouvelles de vos voisins.
safety-generator = La génératrice et le barbecue, dehors seulement, loin des portes et des fenêtres : les gaz peuvent tuer en quelques minutes. Ne branchez jamais une génératrice dans une prise murale. Si un avertisseur sonne ou si la tête vous tourne, sortez et appelez le 911.
safety-medical = Si la vie de quelqu'un dépend d'un appareil, n'attendez pas que le courant revienne : appelez le 911, ou allez tout de suite à l'hôpital ou à un endroit qui a du courant.{ $has_line ->
    [yes] {" "}Puis appelez-nous au { $line }, pour que nous le sachions.
   *[no] {""}
}
safety-food = Gardez le frigo et le congélateur fermés. Un frigo fermé reste froid environ 4 heures, un congélateur plein environ 48, à moitié plein environ 24. Dans le doute, jetez.
safety-water = N'entrez pas dans un sous-sol inondé : l'eau et le courant peuvent tuer. Attendez qu'un électricien ou notre équipe vous dise que c'est sans danger. Si quelqu'un est en danger, appelez le 911.
safety-cold = Portez plusieurs épaisseurs de vêtements, restez dans une seule pièce, portes fermées. Ne chauffez jamais la maison au barbecue, au réchaud ou à la génératrice. Une lampe de poche vaut mieux que des chandelles. S'il fait trop froid, allez à un centre de réchauffement ou chez des voisins.

centre-kind = { $kind ->
    [warming] vous réchauffer
    [cooling] vous rafraîchir
   *[charging] recharger votre téléphone
}
# $hours : yes ou no; $address peut être vide
centre-one = Vous pouvez { $kinds } ici : { $name }, { $address }{ $timed ->
    [yes] , { $hours }.
   *[no] .
}
centre-nearest = Le plus près de vous : { $name }, { $address }{ $timed ->
    [yes] , { $hours }.
   *[no] .
}
centre-elsewhere = Je ne connais aucun centre dans le secteur { $area }. Ceux qui sont ouverts : { $names }.
centre-all = Les centres ouverts : { $names }.
centre-which-area = Vous êtes dans quel secteur? Je vous dirai quel centre est le plus près.
centre-none = Je ne connais aucun centre ouvert en ce moment. Pour de l'aide près de chez vous, appelez le 211, à toute heure. En cas de danger, le 911.
