"""Messages that wait for people, on SQL. Meets `kernel.ports.Approvals`.

Versions and decisions are only ever added. What may be sent is asked of `kernel.approval` each time, also when a delivery is claimed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, exists, select, update

from services.adapters.ledger_engine import engine, told
from services.adapters.ledger_tables import approval_decisions, approval_versions, approvals, deliveries, messages
from services.adapters.ledger_trail import Trail, add, change, writing
from services.kernel.approval import PLANNER, Act, Case, Decision, NotAllowed, Rule, Verdict, Version, opened, step, ticked
from services.kernel.delivery import STANDS, HeldFor, Outcome, is_unsent
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Kind, Post
from services.kernel.ports.social import Asked

UNSENT = (deliveries.c.outcome == Outcome.QUEUED) | deliveries.c.held_for.in_((HeldFor.REFUSED, HeldFor.APPROVAL, HeldFor.REJECTED))
"""Surely not out, and not given up: `Delivery.is_unsent`."""
_TEXTS = msgspec.json.Decoder(dict[str, str])
_HELD = deliveries.c.held_for.in_((HeldFor.APPROVAL, HeldFor.REJECTED))


class SqlApprovals:
    """Make one a process, after forking."""

    def __init__(self, url: str, timeout_s: float, through: str = "") -> None:
        """`through`: the account of the system that people act through, for the audit trail."""
        self._engine = engine(url, timeout_s)
        self._through = f" ({through})" if through else ""

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def waiting(self, now: datetime) -> list[Asked]:
        """Those that wait or were rejected, oldest first."""
        tick(self._engine, now)
        with told(), self._engine.begin() as connection:
            rows = connection.execute(select(approvals).where(_any(_HELD)).order_by(approvals.c.id)).all()
            return [_asked(connection, row) for row in rows]

    def find(self, number: int) -> Asked | None:
        """One of them, or one that no longer waits."""
        with told(), self._engine.begin() as connection:
            row = connection.execute(select(approvals).where(approvals.c.id == number)).one_or_none()
            return _asked(connection, row) if row else None

    def take(self, number: int, act: Act, now: datetime) -> Asked:
        """Do `act`: all or nothing. Raises `NotAllowed`."""
        with writing(self._engine, now, f"{act.by}{self._through}") as (connection, trail):
            row = connection.execute(select(approvals).where(approvals.c.id == number).with_for_update()).one_or_none()
            if row is None:
                raise NotAllowed(f"There is no message {number} to approve.")
            asked = _asked(connection, row)
            ended = next((held_for or outcome for _, outcome, held_for in asked.outcomes if not is_unsent(outcome, held_for)), None)
            if ended is not None:
                raise NotAllowed(f"It can't be changed any more: it is {ended.replace('_', ' ')}.")
            _record(connection, trail, row, asked.case, step(asked.case, act, now), now)
            return _asked(connection, row)


def tick(made: Engine, now: datetime) -> list[Asked]:
    """What the clock does to all that wait; gives those that changed. Raises `Unavailable`."""
    late = select(approvals).where(_any(_HELD), approvals.c.escalates_at <= now).order_by(approvals.c.id)
    with told(), made.begin() as connection:  # mostly there is nothing: then nobody is locked out
        found = [(row.id, _case(connection, row)) for row in connection.execute(late).all()]
    if all(ticked(case, now) is case for _, case in found):
        return []
    changed = []
    with writing(made, now) as (connection, trail):
        for row in connection.execute(late.with_for_update()).all():
            asked = _asked(connection, row)
            if (after := ticked(asked.case, now)) is not asked.case:
                _record(connection, trail, row, asked.case, after, now)
                changed.append(_asked(connection, row))
    return changed


def open_case(
    connection: Connection, trail: Trail, channel: str, account: str, post: Post, texts: Mapping[str, str], rule: Rule, now: datetime
) -> tuple[Outcome, HeldFor | None]:
    """Ask people about `post`; gives where its deliveries stand meanwhile."""
    case = opened(texts, rule, now)
    named = {"channel": channel, "account": account, "post": post.id, "area": post.area, "kind": post.kind}
    row = add(
        connection, trail, "approval.asked", "approval", {**named, "others": case.others, "escalates_at": case.escalates_at, "expires_at": case.expires_at}
    )
    _add_version(connection, trail, row.id, case.newest)
    return STANDS[case.standing(now)]


def case_of(connection: Connection, delivery: int) -> Case | None:
    """What people have said of a delivery's message, and it stays so until the end of the transaction; None where nobody is asked."""
    of = (messages.c.post == approvals.c.post) & (deliveries.c.channel == approvals.c.channel) & (deliveries.c.account == approvals.c.account)
    query = select(approvals).join(messages, messages.c.post == approvals.c.post).join(deliveries, deliveries.c.message == messages.c.id)
    row = connection.execute(query.where(deliveries.c.id == delivery, of).with_for_update(of=approvals)).one_or_none()
    return _case(connection, row) if row else None


def _record(connection: Connection, trail: Trail, row: Row[Any], before: Case, after: Case, now: datetime) -> None:
    for version in after.versions[len(before.versions) :]:
        _add_version(connection, trail, row.id, version)
        _reword(connection, trail, row, version)
    for decision in after.decisions[len(before.decisions) :]:
        values = {name: getattr(decision, name) for name in decision.__struct_fields__}
        add(connection, trail, f"approval.{decision.verdict}", "decision", {"approval": row.id, **values})
    outcome, held_for = STANDS[after.standing(now)]
    moves = (deliveries.c.outcome != outcome) | deliveries.c.held_for.is_distinct_from(held_for)
    change(connection, trail, _of(row) & moves & UNSENT, now, {"outcome": outcome, "held_for": held_for})


def _add_version(connection: Connection, trail: Trail, approval: int, version: Version) -> None:
    texts = msgspec.json.encode(dict(version.texts), order="sorted").decode()
    values = {"approval": approval, "number": version.number, "author": version.author, "at": version.at, "texts": texts}
    add(connection, trail, "approval.written" if version.author == PLANNER else "approval.edited", "version", values)


def _reword(connection: Connection, trail: Trail, row: Row[Any], version: Version) -> None:
    for lang, text in version.texts.items():
        of_lang = messages.c.id.in_(select(deliveries.c.message).where(_of(row))) & (messages.c.lang == lang) & (messages.c.text != text)
        for changed in connection.execute(update(messages).where(of_lang).values(text=text).returning(*messages.c)).all():
            trail.note("message.edited", "message", changed)


def _of(row: Row[Any]) -> ColumnElement[bool]:
    posts = select(messages.c.id).where(messages.c.post == row.post)
    return and_(deliveries.c.channel == row.channel, deliveries.c.account == row.account, deliveries.c.message.in_(posts))


def _any(where: ColumnElement[bool]) -> ColumnElement[bool]:
    same = (messages.c.post == approvals.c.post) & (deliveries.c.channel == approvals.c.channel) & (deliveries.c.account == approvals.c.account)
    return exists(select(deliveries.c.id).join(messages).where(same, where))


def _asked(connection: Connection, row: Row[Any]) -> Asked:
    where = select(messages.c.lang, deliveries.c.outcome, deliveries.c.held_for).join_from(deliveries, messages).where(_of(row)).order_by(deliveries.c.id)
    outcomes = tuple((one.lang, Outcome(one.outcome), HeldFor(one.held_for) if one.held_for else None) for one in connection.execute(where))
    return Asked(row.id, row.channel, row.account, AreaId(row.area), Kind(row.kind), row.post, _case(connection, row), outcomes)


def _case(connection: Connection, row: Row[Any]) -> Case:
    versions = connection.execute(select(approval_versions).where(approval_versions.c.approval == row.id).order_by(approval_versions.c.number))
    decisions = connection.execute(select(approval_decisions).where(approval_decisions.c.approval == row.id).order_by(approval_decisions.c.id))
    return Case(
        row.others,
        row.escalates_at,
        row.expires_at,
        tuple(Version(one.number, _TEXTS.decode(one.texts), one.author, one.at) for one in versions),
        tuple(Decision(one.version, Verdict(one.verdict), one.by, one.at, one.reason) for one in decisions),
    )
