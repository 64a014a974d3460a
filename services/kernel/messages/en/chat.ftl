## Chat on the status page

chat-open = Ask a question
chat-hint = An automated assistant answers, by what is known now. In an emergency, call 911.
chat-no-script = Asking here needs JavaScript, which is off in this browser. Look for your area on this page{ $has_line ->
    [yes] , or call { $line }.
   *[no] , or call the number on your bill.
}
chat-log = Conversation
chat-choices = Choices
chat-label = Your question
chat-send = Ask
chat-you = You:
chat-us = Assistant:
chat-welcome = Hello. Ask in your own words, or choose one of these.
chat-thinking = One moment…
chat-offline = You seem to be offline, so I can't answer. Your question is still there: try again once you have a signal.
chat-busy = A lot of people are asking just now. Wait a few seconds, then try again.
chat-failed = I can't answer just now. This page still shows the outages that we know of{ $has_line ->
    [yes] , and { $line } takes reports.
   *[no] .
}
chat-again = Try again
