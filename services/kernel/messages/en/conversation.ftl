## Conversation

voice-as-of = As of { $when }, the latest we have: { $answer }
voice-no-data = I can't see the outage information just now. Please ask again in a few minutes.
voice-which-area = Which area are you in? Tell me your town or neighbourhood{ $postal ->
    [yes] , or the first three characters of your postal code.
   *[no] .
}
voice-place-unknown = I have no outage on record under the name { $place }. The area may go by another name: try your town or neighbourhood{ $postal ->
    [yes] , or the first three characters of your postal code.
   *[no] .
} { voice-if-out }
voice-no-postal = I can't look up postal codes. Which town or neighbourhood are you in?
voice-hazard = Stay at least 10 metres away, keep others away, and treat every wire as live. Call 911 now{ $has_line ->
    [yes] , then tell us at { $line }.
   *[no] , then tell us.
} If a wire is on your car, stay inside.
voice-report = { $has_line ->
    [yes] To report an outage, call us at { $line }. First check your breakers, and whether your neighbours have power.
   *[no] To report an outage, call the number on your bill. First check your breakers, and whether your neighbours have power.
}
voice-agent = { $has_line ->
    [yes] To talk to one of us, call { $line }.
   *[no] To talk to one of us, call the number on your bill.
}
voice-welcome = Hello, this is { $utility }. Ask whether the power is out in your area, or when it will be back. Which area are you in?
voice-help = You can ask whether the power is out in your area, when it will be back, what caused it, or how many customers are affected. Which area are you in?
voice-reprompt = Which area are you in?
voice-repeat = I have nothing to repeat yet. Ask me whether the power is out in your area.
voice-stop = Goodbye.
voice-unknown = I didn't get that. You can ask whether the power is out in your area, or when it will be back.
voice-did-you-mean = I'm not sure I understood. Do you want to know { $choices }?
voice-choice = { $intent ->
    [outage_status] whether the power is out
    [outage_restoration] when it will be back
    [outage_cause] what caused it
    [outage_counts] how many customers are affected
    [report_outage] how to report an outage
    [report_hazard] what to do about a downed wire
    [agent] how to reach a person
   *[help] what I can do for you
}
