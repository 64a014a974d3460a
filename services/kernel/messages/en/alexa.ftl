## What only Alexa says and shows.

alexa-reprompt = What else would you like to know?
alexa-meanwhile = One moment, I am looking that up.
alexa-card-title = { $utility }
