## Messenger

messenger-bot = You are talking to { $utility }'s automated assistant, a bot.
messenger-welcome = Ask me in your own words whether the power is out, when it will be back, or what to do. Or choose one of these.
messenger-language = Which language do you prefer?
messenger-attachment = { $kind ->
    [sticker] Thanks! What would you like to know about the power?
    [link] I can't open links. Tell me in words what you need.
   *[file] I can't look at pictures or listen to recordings. Tell me in words what you need. If a wire is down, stay 10 metres away and call 911.
}
messenger-call = Call us
