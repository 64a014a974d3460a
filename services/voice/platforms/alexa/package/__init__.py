"""The skill's package, as the ASK CLI deploys it: made from the sentences that free text is understood by, so that both know the same."""
