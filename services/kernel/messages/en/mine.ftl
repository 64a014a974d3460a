## Somebody's own outage: how sure we are that it is theirs. $where: home, named (one of several addresses), here (where the device is)

# $sureness: circuit, covered, close, area
mine-found = { $sureness ->
   *[circuit] { $where ->
        [named] { $address } is on a circuit that is out.
       *[home] Your address is on a circuit that is out.
    }
    [covered] { $where ->
        [here] You are in an area where the power is out.
        [named] An outage covers { $address }.
       *[home] An outage covers your address.
    }
    [close] There is an outage close by, but we can't tell whether it reaches { $where ->
        [here] you
        [named] { $address }
       *[home] your address
    }.
    [area] { $where ->
        [named] There is an outage in the area of { $address }; it may not reach that address.
       *[home] There is an outage in your area; it may not reach your address.
    }
}
mine-none = We know of no outage { $where ->
    [here] where you are
    [named] at { $address }
   *[home] at your address
} right now. { $unplaced ->
    [yes] Some outages have not been located yet.
   *[no] {""}
} { voice-if-out }
mine-planned = It is planned work.
# $known: known, other (known, but the source gives no details), unknown
mine-cause = { $known ->
    [known] The cause is { $cause }.
    [other] The cause is known, but we have been given no details.
   *[unknown] We don't know the cause yet; it is being looked into.
}
