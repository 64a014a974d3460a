## Account: only ever said to whoever linked it

account-day = { $near ->
    [today] today
    [near] { $day }
   *[date] on { $day }
}
# $state: owed, credit, zero; $due: none (no date is known), ahead (today too), passed
account-balance = { $state ->
   *[owed] Your balance is { $amount }{ $due ->
       *[none] .
        [ahead] , due { $day }.
        [passed] . It was due { $day }.
    }
    [credit] You have a credit of { $amount }.
    [zero] You have nothing to pay.
}
account-next = { $due ->
   *[none] You have no payment coming up.
    [ahead] Your next payment, { $amount }, is due { $day }.
    [passed] A payment of { $amount } was due { $day }.
}
# $way: link, alexa, call (there is no linking from a telephone)
account-link = { $way ->
   *[link] That is for your eyes and ears only. Link your account first, then ask me again.
    [alexa] That is for your ears only. Open the Alexa app to link your account, then ask me again.
    [call] { $has_line ->
        [yes] I can't talk about accounts this way. Call us at { $line }.
       *[no] I can't talk about accounts this way. Call the number on your bill.
    }
}
account-away = I can't reach your account just now. Please ask again in a few minutes. I can still tell you about outages.
account-closed = { $has_line ->
    [yes] I have no account to look up for you. Call us at { $line }.
   *[no] I have no account to look up for you. Call the number on your bill.
}
