"""Alerts in: CAP 1.2 messages (OASIS Common Alerting Protocol), also by the Canadian profile CAP-CP, each chain of messages one outage.

`take` has the whole way of a message; `reading` makes a tree of the XML, `schema` and `forms` hold it to CAP 1.2, `profile` to
CAP-CP, `message` names its parts, `chain` finds the outage it is about, and `mapping` (`causes`, `places`, `wording`) makes the event.
"""
