"""How a port says that its backing can't do what was asked."""


class Unavailable(Exception):
    """The backing can't be reached, or refuses to write. Nothing is half done; where the answer was lost it may be done, and trying again is safe."""


class Overtaken(Unavailable):
    """What is there reflects more than what was to be put in its place: another worker came first, or the journal was emptied or replaced by an older one."""


class PictureConflict(Exception):
    """Another writer committed a picture of this source first: read the picture again and compare anew."""


class CatalogueConflict(Exception):
    """Somebody else replaced the area catalogue first: read it again and load anew."""
