## Being told when power is back: what is said to whoever asks for it, and the one text message that they get.

# $number: same (the one that they text from), calling (the one that they call from)
subscribe-will = { $number ->
   *[same] I'll text you
    [calling] I'll text the number that you're calling from
} once, when the outage in { $area } is over. To end it, text STOP.
subscribe-already = { $number ->
   *[same] I'll text you
    [calling] I'll text the number that you're calling from
} when the outage in { $area } is over: you had asked already. To end it, text STOP.
subscribe-none = We know of no outage in { $area } right now, so there is no end to wait for. { voice-if-out }
subscribe-follow = I can't send you a message from here. Our status page shows each area as it changes, and has feeds to follow.
subscribe-away = I can't take that down just now. Please ask again in a few minutes.

notice-restored = { $utility }: power is back in { $area }, as of { $as_of }.{ $has_line ->
    [yes] {" "}If yours isn't, call { $line }.
   *[no] {" "}If yours isn't, tell us.
}
notice-gone = { $utility }: as of { $as_of } there is no outage on record in { $area } any more.{ $has_line ->
    [yes] {" "}If your power is out, call { $line }.
   *[no] {" "}If your power is out, tell us.
}
