## Account linking: the page on which a customer allows it

link-title = Link your { $utility } account
link-asks = “{ $client }” asks to be told, whenever you ask it:
link-right-outage = whether the power is out at your address
link-right-account = your balance, and your next payment
link-label = Your login code
link-hint = Twelve letters and digits, as in ABCD‑EFGH‑2345. Enter it nowhere else.
link-after = Then you go back to { $back }. You can end the link at any time, from where you made it.
link-failed = Error: { $title }
link-allow = Link my account
link-deny = Don't link it
link-other = Français
link-wrong = This code is not known. Check it and try again.
link-limited = Too many codes were tried just now. Wait a minute, then try again.
link-down = Accounts can't be linked just now. Nothing was linked. Try again in a minute.
link-bad = This link does not work: whoever sent you here has not asked properly. Nothing was linked. Go back and try again from there.
