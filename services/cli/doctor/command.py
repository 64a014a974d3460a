"""`surgecast doctor`."""

from collections.abc import Iterable

from rich.console import Console

from services.cli.doctor.finding import Finding, Verdict
from services.cli.doctor.machine import machine
from services.cli.doctor.senders import token_issuer
from services.cli.doctor.stores import stores
from services.cli.doctor.words import own_words
from services.kit.settings import Settings

_STYLE = {Verdict.OK: "green", Verdict.ATTENTION: "yellow", Verdict.BROKEN: "red"}


def examine(settings: Settings, port: int) -> int:
    """Print what was found, line by line; gives the exit code: 1 where something is broken."""
    return tell((*machine(settings, port), *stores(settings), *token_issuer(settings), *own_words(settings)))


def tell(findings: Iterable[Finding]) -> int:
    """Print `findings`; 1 where any is broken."""
    console, worst = Console(highlight=False, soft_wrap=True), 0
    for finding in findings:
        console.print(f"[{_STYLE[finding.verdict]}]{finding.verdict:<15}[/] ", end="")
        console.print(f"{finding.about}: {finding.says}", markup=False)
        worst |= finding.verdict is Verdict.BROKEN
    return int(worst)
