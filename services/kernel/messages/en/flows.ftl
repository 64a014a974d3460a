## Multiple-choice flows, where they have no buttons or were left for another question

flow-choices = { $question } Tell me: { $choices }.
flow-again = { $answer } Now, back to where we were. { $question }
flow-not-understood = I didn't get that. Choose one of the answers, or ask me something else. { $question }
