"""Logins and grants in this process: the twin of links_sql. Meets `kernel.ports.links.LinkStore`."""

from threading import Lock

from services.kernel.customers import CustomerId
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.links import ACCESS_KEPT, Grant, Secret, family_of


class MemoryLinks:
    """While `down` is true every call raises `Unavailable`."""

    def __init__(self, clock: Clock, most: int = 1_000) -> None:
        self._clock, self._most, self._lock = clock, most, Lock()
        self._logins: dict[str, CustomerId] = {}
        self._grants: dict[tuple[Secret, str], tuple[Grant, bool]] = {}
        self.down = False

    def _up(self) -> None:
        if self.down:
            raise Unavailable("The links in memory are set down.")

    def add_login(self, code: str, customer: CustomerId) -> None:
        """Meets `LinkStore.add_login`."""
        self._up()
        self._logins[code] = customer

    def login(self, code: str) -> CustomerId | None:
        """Meets `LinkStore.login`."""
        self._up()
        return self._logins.get(code)

    def save(self, kind: Secret, secret: str, grant: Grant) -> None:
        """Meets `LinkStore.save`."""
        self._up()
        with self._lock:
            now = self._clock.now()
            self._grants = {name: held for name, held in self._grants.items() if held[0].expires_at > now}
            if kind is Secret.ACCESS:
                theirs = [name for name, (held, _) in self._grants.items() if name[0] is kind and held.family == grant.family]
                for name in sorted(theirs, key=lambda name: self._grants[name][0].expires_at, reverse=True)[ACCESS_KEPT - 1 :]:
                    del self._grants[name]
            if len(self._grants) >= self._most:
                raise Unavailable("As many links are kept as may be")
            self._grants[kind, secret] = grant, False

    def find(self, kind: Secret, secret: str) -> Grant | None:
        """Meets `LinkStore.find`."""
        self._up()
        grant, used = self._grants.get((kind, secret), (None, False))
        return None if grant is None or used or grant.expires_at <= self._clock.now() else grant

    def use(self, kind: Secret, secret: str, client: str) -> Grant | None:
        """Meets `LinkStore.use`."""
        self._up()
        with self._lock:
            grant, used = self._grants.get((kind, secret), (None, False))
            if grant is None and kind is Secret.REFRESH:
                family = family_of(secret)
                self._grants = {name: held for name, held in self._grants.items() if (held[0].family, held[0].client) != (family, client)}
            if grant is None or grant.client != client or grant.expires_at <= self._clock.now():
                return None
            if kind is Secret.REFRESH and not used:
                return self._grants.pop((kind, secret))[0]
            if used:
                self.end(grant.family)
                return None
            self._grants[kind, secret] = grant, True
            return grant

    def end(self, family: str) -> None:
        """Meets `LinkStore.end`."""
        self._up()
        self._grants = {name: held for name, held in self._grants.items() if held[0].family != family}
