## Safety advice, and places to get help. For the ear: what to do first, first.

safety-general = If you are in danger, call 911. Stay at least 10 metres from downed wires. Run generators and barbecues outdoors only, keep the fridge closed, turn off the stove and heaters, and check on your neighbours.
safety-generator = Run a generator or a barbecue outdoors only, far from doors and windows: the fumes can kill within minutes. Never plug a generator into a wall outlet. If an alarm sounds or you feel dizzy, get out and call 911.
safety-medical = If someone depends on a device to live, don't wait for power: call 911, or go now to a hospital or a place that has power.{ $has_line ->
    [yes] {" "}Then call us at { $line }, so that we know.
   *[no] {""}
}
safety-food = Keep the fridge and freezer closed. A closed fridge stays cold for about 4 hours, a full freezer for about 48, a half-full one for about 24. When in doubt, throw it out.
safety-water = Don't walk into a flooded basement: water and live wiring can kill. Stay out until an electrician or we have said that it's safe. If someone is in danger, call 911.
safety-cold = Wear layers, stay in one room and close its doors. Never heat with a barbecue, a camp stove or a generator indoors. Use a flashlight rather than candles. If it gets too cold, go to a warming centre or to neighbours.

centre-kind = { $kind ->
    [warming] warm up
    [cooling] cool down
   *[charging] charge your phone
}
# $hours: yes or no; $address may be empty
centre-one = You can { $kinds } at { $name }, { $address }{ $timed ->
    [yes] , { $hours }.
   *[no] .
}
centre-nearest = The nearest to you: { $name }, { $address }{ $timed ->
    [yes] , { $hours }.
   *[no] .
}
centre-elsewhere = I know of no centre in { $area }. The open ones: { $names }.
centre-all = The open centres: { $names }.
centre-which-area = Which area are you in? I'll tell you the centre that is nearest.
centre-none = I know of no centre that is open just now. For help near you, call 211, at any hour. In danger, call 911.
