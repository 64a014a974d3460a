"""Logins and grants in SQL, their secrets as SHA-256. Meets `kernel.ports.links.LinkStore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from threading import Lock
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Engine, MetaData, Row, String, Table, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from services.adapters.ledger_engine import IMMEDIATE, engine
from services.adapters.ledger_tables import Moment
from services.kernel.customers import CustomerId
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.links import ACCESS_KEPT, Grant, Secret, family_of

metadata = MetaData()
logins = Table("link_logins", metadata, Column("code", String(64), primary_key=True), Column("customer", String(200), nullable=False))
grants = Table(
    "link_grants",
    metadata,
    Column("secret", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("family", String(64), nullable=False, index=True),
    Column("client", String(200), nullable=False),
    Column("customer", String(200), nullable=False),
    Column("scope", String(200), nullable=False),
    Column("redirect_uri", String(2_000), nullable=False),
    Column("challenge", String(128), nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("used", Boolean, nullable=False),
)
_FIELDS = ("family", "client", "customer", "scope", "redirect_uri", "challenge", "expires_at")


class SqlLinks:
    """For threads. The tables are made where they are missing."""

    def __init__(self, url: str, timeout_s: float, clock: Clock, most: int) -> None:
        """`most` grants are kept at a time."""
        self._url, self._timeout_s, self._clock, self._most = url, timeout_s, clock, most
        self._engine: Engine | None = None
        self._making = Lock()

    @contextmanager
    def _open(self, *, reads: bool = False) -> Iterator[Connection]:
        """A transaction; one that only `reads` waits for no writer, and holds up none: whoever makes up secrets costs no more than that."""
        try:
            with self._making:
                if self._engine is None:
                    made = engine(self._url, self._timeout_s)
                    metadata.create_all(made)
                    self._engine = made
            with self._engine.connect().execution_options(**{} if reads else IMMEDIATE) as connection, connection.begin():
                yield connection
        except (SQLAlchemyError, ImportError, OSError) as error:
            raise Unavailable(f"The database of links can't be used ({type(error).__name__})") from error

    def add_login(self, code: str, customer: CustomerId) -> None:
        """Meets `LinkStore.add_login`."""
        with self._open() as connection:
            connection.execute(delete(logins).where(logins.c.code == _hashed(code)))
            connection.execute(logins.insert().values(code=_hashed(code), customer=customer))

    def login(self, code: str) -> CustomerId | None:
        """Meets `LinkStore.login`."""
        with self._open(reads=True) as connection:
            found = connection.execute(select(logins.c.customer).where(logins.c.code == _hashed(code))).scalar()
        return None if found is None else CustomerId(found)

    def save(self, kind: Secret, secret: str, grant: Grant) -> None:
        """Meets `LinkStore.save`."""
        with self._open() as connection:
            connection.execute(delete(grants).where(grants.c.expires_at <= self._clock.now()))
            if kind is Secret.ACCESS:
                self._make_room(connection, grant.family)
            if (connection.execute(select(func.count()).select_from(grants)).scalar() or 0) >= self._most:
                raise Unavailable("As many links are kept as may be")
            told = {field: getattr(grant, field) for field in _FIELDS}
            connection.execute(grants.insert().values(secret=_hashed(secret), kind=kind.value, used=False, **told))

    def _make_room(self, connection: Connection, family: str) -> None:
        """For one more access token: of its family's the last few are good, as clients renew while they ask."""
        theirs = (grants.c.family == family, grants.c.kind == Secret.ACCESS.value)
        last = connection.execute(select(grants.c.secret).where(*theirs).order_by(grants.c.expires_at.desc()).limit(ACCESS_KEPT - 1)).scalars().all()
        connection.execute(delete(grants).where(*theirs, grants.c.secret.not_in(last)))

    def find(self, kind: Secret, secret: str) -> Grant | None:
        """Meets `LinkStore.find`."""
        with self._open(reads=True) as connection:
            row = self._row(connection, kind, secret)
        return None if row is None or row.used else _grant(row)

    def use(self, kind: Secret, secret: str, client: str) -> Grant | None:
        """Meets `LinkStore.use`."""
        if not self._changes(kind, secret):
            return None
        with self._open() as connection:
            row = self._row(connection, kind, secret)
            if row is None and kind is Secret.REFRESH:
                connection.execute(delete(grants).where(grants.c.family == family_of(secret), grants.c.client == client))
            if row is None or row.client != client:
                return None
            this = (grants.c.secret == row.secret, grants.c.kind == row.kind, grants.c.used.is_(False))
            once = delete(grants).where(*this) if kind is Secret.REFRESH else update(grants).where(*this).values(used=True)
            if connection.execute(once).rowcount == 1:
                return _grant(row)
            connection.execute(delete(grants).where(grants.c.family == row.family))
        return None

    def _changes(self, kind: Secret, secret: str) -> bool:
        """Whether using `secret` may change anything: a look, before anything is locked for it."""
        with self._open(reads=True) as connection:
            if self._row(connection, kind, secret) is not None:
                return True
            theirs = select(grants.c.family).where(grants.c.family == family_of(secret)).limit(1)
            return kind is Secret.REFRESH and connection.execute(theirs).first() is not None

    def end(self, family: str) -> None:
        """Meets `LinkStore.end`."""
        with self._open() as connection:
            connection.execute(delete(grants).where(grants.c.family == family))

    def _row(self, connection: Connection, kind: Secret, secret: str) -> Row[Any] | None:
        wanted = select(grants).where(grants.c.secret == _hashed(secret), grants.c.kind == kind.value, grants.c.expires_at > self._clock.now())
        return connection.execute(wanted).first()

    def close(self) -> None:
        """Let go of the connections."""
        if self._engine is not None:
            self._engine.dispose()


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _grant(row: Row[Any]) -> Grant:
    return Grant(**{field: getattr(row, field) for field in _FIELDS})
