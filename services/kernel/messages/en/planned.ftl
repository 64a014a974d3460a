## Planned work. For the ear.

planned-here = { $count ->
    [one] The power is off in part of { $area } for planned work.
   *[other] The power is off in { $number } parts of { $area } for planned work.
}
planned-none-here = I know of no planned work in { $area } just now. { planned-letter }
planned-areas = There is planned work just now in { $areas }{ $more ->
    [0] .
    [one] , and in one more area.
   *[other] , and in { $number } more areas.
}
planned-none = I know of no planned work just now. { planned-letter }
planned-letter = When work is planned at your address, you are told ahead.
