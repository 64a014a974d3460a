"""Google's encoded polylines (developers.google.com/maps/documentation/utilities/polylinealgorithm): five bits a character, from `?` up."""


def first_position(line: str) -> list[float]:
    """Longitude and latitude of the first point of `line`, in degrees. Raises ValueError where `line` is no such text or off the Earth."""
    latitude, after = _number(line, 0)
    longitude, _ = _number(line, after)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError(f"the position {latitude}, {longitude} is not on Earth")
    return [longitude, latitude]


def _number(line: str, at: int) -> tuple[float, int]:
    """The number that begins at `at`, and where the next one begins. Its lowest bit is the sign; the unit is 0.00001 degrees."""
    bits = shift = 0
    while True:
        if at >= len(line):
            raise ValueError("the encoded polyline ends within a number")
        chunk = ord(line[at]) - 63
        if not 0 <= chunk < 64 or shift > 30:
            raise ValueError("this is no encoded polyline")
        bits |= (chunk & 31) << shift
        shift, at = shift + 5, at + 1
        if chunk < 32:
            return (~(bits >> 1) if bits & 1 else bits >> 1) / 1e5, at
