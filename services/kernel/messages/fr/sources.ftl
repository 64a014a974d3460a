## Sources silencieuses (voix, page et fils)

# « pour » devant un nom : « de » s'élide devant certains.
source-stale = Aucune mise à jour reçue depuis { $when } pour { $sources }.
source-never = Aucune donnée reçue jusqu'ici pour { $sources }.
source-others = { $count ->
    [one] une autre source
   *[other] { $number } autres sources
}
