## Sources that have gone quiet (voice, page and feeds)

source-stale = Information from { $sources } has not been updated since { $when }.
source-never = No information has come from { $sources } yet.
source-others = { $count ->
    [one] one other source
   *[other] { $number } other sources
}
