## What only Alexa says and shows.

alexa-reprompt = What else would you like to know?
alexa-meanwhile = One moment, I am looking that up.
alexa-card-title = { $utility }

# The skill's page in the store. $invocation: what the skill is called when it is spoken to
alexa-store-summary = Ask whether the power is out, and when it will be back.
alexa-store-description = Ask { $utility } whether the power is out where you are, when it will be back, what happened and how many are out. Report a danger, find a warming centre, and ask whether it is a good time to do laundry. With a linked account, ask for your balance and your next payment.
alexa-store-keywords = power outage, hydro, electricity, storm, blackout
alexa-store-testing = Ask whether the power is out in any area of the slot type AREA. No account is needed; only the balance and the next payment ask for a linked one.
alexa-example-status = Alexa, ask { $invocation } if my power is out
alexa-example-restoration = Alexa, ask { $invocation } when the power will be back
alexa-example-rates = Alexa, ask { $invocation } if it is a good time to do laundry
