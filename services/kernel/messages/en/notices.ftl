## Being told when power is back: what is said to whoever asks for it, and the one message that they get.

# What is waited for
# $sureness: area, or of their own outage: circuit, covered, close. $where: home (their address), here (where their device is)
subscribe-what = { $sureness ->
   *[area] the outage in { $area }
    [circuit] the outage on the circuit that supplies your address
    [covered] { $where ->
        [here] the outage where you are now
       *[home] the outage that covers your address
    }
    [close] { $where ->
        [here] the outage close to where you are now, which may not reach you,
       *[home] the outage close to your address, which may not reach it,
    }
}
# $way: same (the number that they text from), calling (the one that they call from), alexa, messenger (for $hours hours at most)
subscribe-will = { $way ->
   *[same] I'll text you once, when { $what } is over. To end it, text STOP.
    [calling] I'll text the number that you're calling from. Answer YES to that, and I'll text you once, when { $what } is over.
    [alexa] Alexa will notify you once, when { $what } is over: there will be a message from { $utility }. Then ask me what it's about.
    [messenger] I'll write to you here once, when { $what } is over. I may not write first after { $hours } hours: if it takes longer, ask me again. To end it, write "stop messages".
}
subscribe-already = { $way ->
   *[same] I'll text you when { $what } is over: you had asked already. To end it, text STOP.
    [calling] You had asked already. If our text asked you to, answer YES to it, and I'll text you when { $what } is over.
    [alexa] Alexa will notify you when { $what } is over: you had asked already.
    [messenger] I'll write to you here when { $what } is over: you had asked already. You have { $hours } hours from now; if it takes longer, ask me again.
}
subscribe-allow-alexa = I may not notify you yet. In the Alexa app, allow notifications for this skill, and ask me again.
subscribe-none = We know of no outage in { $area } right now, so there is no end to wait for. { voice-if-out }
subscribe-unsure = It may not reach your address.
subscribe-none-home = We know of no outage at your address right now, so there is no end to wait for. { voice-if-out }
subscribe-follow = I can't send you a message from here. Our status page shows each area as it changes, and has feeds to follow.
subscribe-ended = All right. You won't get a message about an outage from me, unless you ask for one again.
subscribe-not-ended = I can't take that down just now, and you may still get a message. Please tell me again in a few minutes.
subscribe-text-us = I can't text that number just now. Text us from it, and I'll tell you when it's back.
subscribe-away = I can't take that down just now. Please ask again in a few minutes.

# To the number that somebody called from, before anything else
notice-confirm = { $utility }: somebody who called us asked for one text here, when { $what } is over. Was it you? Answer YES. If not, do nothing, and nothing more comes.
notice-restored = { $utility }: power is back in { $area }, as of { $as_of }.{ $has_line ->
    [yes] {" "}If yours isn't, call { $line }.
   *[no] {" "}If yours isn't, tell us.
}
notice-gone = { $utility }: as of { $as_of } there is no outage on record in { $area } any more.{ $has_line ->
    [yes] {" "}If your power is out, call { $line }.
   *[no] {" "}If your power is out, tell us.
}
# On Alexa, which says the rest itself, a notice names who it is from: "one new message from ..."
notice-alexa = { $sureness ->
   *[area] { $utility }, about the power in { $area }
    [circuit] { $utility }, about the power at your address
    [covered] { $utility }, about the outage { $where ->
        [here] where you were when you asked
       *[home] that covered your address
    }
    [close] { $utility }, about the outage close to { $where ->
        [here] where you were when you asked
       *[home] your address
    }
}
# Who waits for their own outage. $ended: restored, gone (no longer on record, and nobody said why)
notice-home = { $ended ->
   *[restored] { $sureness ->
       *[circuit] { $utility }: power is back on the circuit that supplies your address, as of { $as_of }.
        [covered] { $utility }: power is back { $where ->
            [here] where you were when you asked
           *[home] where an outage covered your address
        }, as of { $as_of }.
        [close] { $utility }: power is back close to { $where ->
            [here] where you were when you asked
           *[home] your address
        }, as of { $as_of }. We can't tell whether yours was out with it.
    }
    [gone] { $sureness ->
       *[circuit] { $utility }: as of { $as_of } there is no outage on record any more on the circuit that supplies your address.
        [covered] { $utility }: as of { $as_of } the outage { $where ->
            [here] where you were when you asked
           *[home] that covered your address
        } is no longer on record.
        [close] { $utility }: as of { $as_of } the outage close to { $where ->
            [here] where you were when you asked
           *[home] your address
        } is no longer on record.
    }
}{ $has_line ->
    [yes] {" "}If your power is out, call { $line }.
   *[no] {" "}If your power is out, tell us.
}
