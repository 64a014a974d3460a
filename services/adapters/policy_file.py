"""A policy out of its YAML file: see policies/default.yaml for the shape. Meets no port: it is read once, at the start."""

import re
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
import yaml
from msgspec import Meta, Struct

from services.kernel.events import Cause
from services.kernel.planning.policy import Digests, Policy, Quiet, Worth
from services.kernel.planning.posts import LIGHT_KINDS, Kind, Tone
from services.kit.settings import Settings

DEFAULT = Path(__file__).parent / "policies" / "default.yaml"
T = TypeVar("T")
_UNITS = {"s": 1, "min": 60, "h": 3600}
_Span = Annotated[str, Meta(pattern=r"^\d+(\.\d+)? ?(s|min|h)$")]
_Share = Annotated[str, Meta(pattern=r"^\d{1,2}(\.\d+)? ?%$")]
_Clock = Annotated[str, Meta(pattern=r"^([01]?\d|2[0-3]):[0-5]\d$")]
_Many = Annotated[int, Meta(ge=1)]
_A_SPAN, _A_TIME, _A_SHARE = "45 s, 30 min or 2 h", 'a time of day, as "23:00"', "a share, as 10 %"
_SHAPES = {"cooldown": _A_SPAN, "estimate_shift": _A_SPAN, "every": _A_SPAN, "from": _A_TIME, "until": _A_TIME, "reserve": _A_SHARE, "share": _A_SHARE}
"""What a line that is read by a pattern asks for, in words."""
_LIGHT = sorted(LIGHT_KINDS, reverse=True)
_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class PolicyError(ValueError):
    """The file can't be used; the text says where and why."""


class _Kind(Struct, forbid_unknown_fields=True):
    value: Annotated[float, Meta(ge=0, le=1_000_000)]
    emergency: bool = False
    cooldown: _Span | None = None
    approval: bool = False
    tone: Tone | None = None


class _Quiet(Struct, forbid_unknown_fields=True, rename={"begins": "from", "ends": "until"}):
    begins: _Clock
    ends: _Clock


class _Digest(Struct, forbid_unknown_fields=True):
    every: _Span
    areas_min: _Many = 2
    areas_max: _Many = 3
    share: _Share = "20 %"


class _Safety(Struct, forbid_unknown_fields=True):
    causes: list[Cause]
    customers_min: _Many = 50


class _Planned(Struct, forbid_unknown_fields=True):
    customers_min: _Many = 500


class _File(Struct, forbid_unknown_fields=True):
    kinds: dict[str, Any]
    customers_min: _Many | None = None
    growth_factor: Annotated[float, Meta(gt=1)] | None = None
    cooldown: _Span | None = None
    estimate_shift: _Span | None = None
    emergency_customers_min: _Many = 5_000
    reserve: _Share = "10 %"
    quiet_hours: _Quiet | None = None
    digest: _Digest | None = None
    safety: _Safety = msgspec.field(default_factory=lambda: _Safety([Cause.SAFETY]))
    planned: _Planned = msgspec.field(default_factory=_Planned)
    tone: Tone = Tone.PLAIN


def policy(settings: Settings) -> Policy:
    """The policy that `settings` name, or the one that comes along. Raises `PolicyError` for a file that can't be read, or that asks for what can't be."""
    path = settings.social_policy or DEFAULT
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: {error}") from error
    return read(text, path.name, settings)


def read(text: str, name: str, settings: Settings) -> Policy:
    """The policy in `text`, of a file called `name`. What it leaves out is as `settings` say. Raises `PolicyError`."""
    lines: dict[str, int] = {"": 1}
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)  # of text only: `22:00` is no number of base 60, `off` no boolean
        file = _converted(_plain(node, "", lines) if node else {}, _File, "")
        kinds = {_kind(name): _converted(listed, _Kind, f"kinds.{name}") for name, listed in file.kinds.items()}
        _check(file, kinds)
    except yaml.MarkedYAMLError as error:
        where = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise PolicyError(f"{name}{where}: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise PolicyError(f"{name}: it is no YAML that can be read: {error}") from error
    except _Wrong as wrong:
        raise PolicyError(_located(name, wrong.path, str(wrong), lines)) from wrong
    return _policy(file, kinds, settings)


class _Wrong(ValueError):
    """What is wrong at a path of the file."""

    def __init__(self, path: str, words: str) -> None:
        super().__init__(words)
        self.path = path


def _plain(node: yaml.Node, path: str, lines: dict[str, int]) -> Any:
    """`node` as text, lists and dictionaries; `lines` gets the line of each path."""
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, f"{path}[{index}]", lines) for index, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return node.value
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _Wrong(path, "a name must be a word")
        below = f"{path}.{key.value}".lstrip(".")
        if key.value in found:
            raise _Wrong(below, f"it is here twice, on lines {lines[below]} and {key.start_mark.line + 1}")
        found[key.value] = _plain(value, below, lines)
        lines[below] = key.start_mark.line + 1
    return found


def _converted(found: Any, wanted: type[T], path: str) -> T:
    """`found`, which stands at `path`, as a `wanted`. Raises `_Wrong`."""
    try:
        return msgspec.convert(found, wanted, strict=False)
    except msgspec.ValidationError as error:
        words, at = _AT.sub("", str(error)), _AT.search(str(error))
        below = f"{path}.{at['path'] if at else ''}".strip(".")
        if unknown := re.search(r"unknown field `([^`]*)`", words):
            raise _Wrong(f"{below}.{unknown[1]}".lstrip("."), "there is no such line in a policy") from error
        if shape := _SHAPES.get(below.rpartition(".")[2]):
            words = f"it must be {shape}"
        raise _Wrong(below, words[:1].lower() + words[1:]) from error


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError:
        raise _Wrong(f"kinds.{name}", f"there is no such kind of message; there are {', '.join(Kind)}") from None


def _located(name: str, path: str, words: str, lines: Mapping[str, int]) -> str:
    known = path
    while known not in lines:
        known = known.rpartition(".")[0]
    return f"{name}, line {lines[known]}: {path + ': ' if path else ''}{words}"


def _check(file: _File, kinds: Mapping[Kind, _Kind]) -> None:
    if not kinds:
        raise _Wrong("kinds", "a policy tells at least one kind of message")
    if light := next((kind for kind, listed in kinds.items() if listed.tone is Tone.LIGHT and kind not in _LIGHT), None):
        raise _Wrong(f"kinds.{light}.tone", f"only {' and '.join(_LIGHT)} may be light")
    if file.quiet_hours and _clock(file.quiet_hours.begins) == _clock(file.quiet_hours.ends):
        raise _Wrong("quiet_hours", "they begin when they end; take the line out to be heard at all hours")
    if file.digest and Kind.DIGEST not in kinds:
        raise _Wrong("digest", "kinds has no digest: say there what one is worth, or take this line out")


def _policy(file: _File, kinds: Mapping[Kind, _Kind], settings: Settings) -> Policy:
    zone = ZoneInfo(settings.timezone)
    return Policy(
        announce_customers_min=settings.social_announce_customers_min if file.customers_min is None else file.customers_min,
        growth_factor=settings.social_growth_factor if file.growth_factor is None else file.growth_factor,
        cooldown=_span(file.cooldown, settings.social_cooldown_s),
        estimate_shift=_span(file.estimate_shift, settings.social_estimate_shift_s),
        worth={kind: _worth(kind, listed, file.tone) for kind, listed in kinds.items()},
        emergency_customers_min=file.emergency_customers_min,
        safety_causes=frozenset(file.safety.causes),
        safety_customers_min=file.safety.customers_min,
        planned_customers_min=file.planned.customers_min,
        quiet=Quiet(_clock(file.quiet_hours.begins), _clock(file.quiet_hours.ends), zone) if file.quiet_hours else None,
        digests=_digests(file.digest) if file.digest else None,
        reserve=_share(file.reserve),
    )


def _worth(kind: Kind, listed: _Kind, tone: Tone) -> Worth:
    tone = listed.tone or tone
    if kind is Kind.SAFETY or (tone is Tone.LIGHT and kind not in _LIGHT):
        tone = Tone.PLAIN  # where the policy as a whole is warm or light
    cooldown = None if listed.cooldown is None else _span(listed.cooldown)
    return Worth(value=listed.value, emergency=listed.emergency, cooldown=cooldown, approval=listed.approval, tone=tone)


def _digests(listed: _Digest) -> Digests:
    return Digests(every=_span(listed.every), areas_min=listed.areas_min, areas_max=listed.areas_max, share=_share(listed.share))


def _share(text: str) -> float:
    return float(text.rstrip("% ")) / 100


def _span(text: str | None, default_s: float = 0.0) -> timedelta:
    if text is None:
        return timedelta(seconds=default_s)
    number, unit = re.fullmatch(r"([\d.]+) ?(\w+)", text).groups()  # type: ignore[union-attr]  # the shape was checked
    return timedelta(seconds=float(number) * _UNITS[unit])


def _clock(text: str) -> time:
    hour, minute = map(int, text.split(":"))
    return time(hour, minute)
