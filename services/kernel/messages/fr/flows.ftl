## Parcours à choix multiples, sans boutons ou après une autre question

flow-choices = { $question } Dites-moi : { $choices }.
flow-again = { $answer } Revenons à notre question. { $question }
flow-not-understood = Je n'ai pas bien compris. Choisissez une des réponses, ou posez-moi une autre question. { $question }
