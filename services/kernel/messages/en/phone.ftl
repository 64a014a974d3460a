## The telephone and text messages.

phone-language = For English, press 1.
phone-language-hints = English, anglais
phone-menu = { $utility }. If you see a fallen wire, stay away and press 3. Otherwise, tell me what you need, or press 1 if your power is out, 2 to hear when it will be back, 4 to report an outage, or 0 for a person.
phone-menu-again = You can say what you need, or press 1 if your power is out, 2 to hear when it will be back, 3 for a fallen wire, 4 to report an outage, or 0 for a person.
phone-unheard = I didn't hear anything.
phone-wrong-key = That key does nothing here.
phone-else = Anything else? To hear that again, press star; for a person, press 0.
phone-press = { $count ->
    [1] Press 1, or say it another way.
    [2] Press 1 or 2, or say it another way.
   *[3] Press 1, 2 or 3, or say it another way.
}
phone-connecting = I'm putting you through. Please hold.
phone-no-luck = I'm sorry, I can't help you with that.
phone-agent-away = Nobody can take your call just now. Please try again later.
phone-hints = power, outage, power out, fallen wire, estimate, crew, balance, payment, agent, postal code

sms-pick = { $count ->
    [1] Reply 1.
    [2] Reply 1 or 2.
   *[3] Reply 1, 2 or 3.
}
sms-help = { $utility }: text your town or postal code to hear about outages there, or ask in your own words.{ $has_line ->
    [yes] {" "}To talk to us: { $line }.
   *[no] {""}
} STOP ends it.
sms-stopped = { $utility }: all right. We write only when you write to us. Text START to begin again.
sms-not-stopped = { $utility }: I can't take that down just now, and you may still get a text. Please text STOP again in a few minutes.
sms-confirmed = { $utility }: thank you. I'll text you once, when the outage that you asked about is over. To end it, text STOP.
sms-not-confirmed = { $utility }: I can't take that down just now. Please text YES again in a few minutes.
sms-started = { $utility }: welcome back. Text your town or postal code to hear about outages there.
sms-picture = I can't look at pictures. If it shows a fallen wire, stay 10 metres away and call 911. Otherwise, tell me in words.
