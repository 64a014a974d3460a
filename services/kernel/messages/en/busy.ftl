## More than can be answered. For the ear.

busy-now = I'm sorry: too many people are asking just now. Please try again in a few minutes. { busy-danger }
busy-you = You've asked a great deal in a short while. Please wait a minute, then ask again. { busy-danger }
busy-danger = If you see a fallen wire, stay 10 metres away and call 911.
