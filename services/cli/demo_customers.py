"""The made-up customers of the utility that the demo storm hits."""

from datetime import date, timedelta
from pathlib import Path

from services.kernel.customers import Account, Customer, CustomerId, Plan, Premise
from services.kernel.ids import AreaId


def made_up(today: date) -> list[Customer]:
    """One is supplied by the station that fails, one lives where a tornado passes, one has two places, one is in credit."""

    def days(number: int) -> date:
        return today + timedelta(days=number)

    return [
        Customer(
            CustomerId("demo-1"),
            (Premise("demo-1-a", "12 Canal Bank", AreaId("Greywater"), (-75.508, 45.32), ("station:Greywater", "feeder:GW4", "transformer:T118")),),
            Account(14_275, due_on=days(9), next_payment_cents=14_275, next_payment_on=days(9), plan=Plan.TOU),
        ),
        Customer(
            CustomerId("demo-2"),
            (Premise("demo-2-a", "40, rue des Aulnes", AreaId("Alder Flats"), (-75.94687, 45.30394), ("station:Dunmore", "feeder:DM2", "transformer:T007")),),
            Account(8_810, due_on=days(-3), plan=Plan.ULO),
        ),
        Customer(
            CustomerId("demo-3"),
            (
                Premise("demo-3-a", "7 Mill Lane", AreaId("Vieux-Moulin"), (-75.62, 45.388), ("station:Old Mill", "feeder:OM1", "transformer:T301")),
                Premise("demo-3-b", "221 Harbour Road", AreaId("Harbour Point"), (-75.95, 45.333), ("station:Harbour", "feeder:HB3", "transformer:T555")),
            ),
            Account(0, next_payment_cents=6_000, next_payment_on=days(1), plan=Plan.TIERED),
        ),
        Customer(
            CustomerId("demo-4"),
            (Premise("demo-4-a", "3, chemin du Mont", AreaId("Mont-Rond"), (-75.83, 45.355), ("station:Dunmore", "feeder:DM5", "transformer:T212")),),
            Account(-2_050, plan=Plan.TOU),
        ),
    ]


def demo_url(data: Path) -> str:
    """The database of the made-up customers, in the data folder."""
    return f"sqlite:///{(data / 'customers.sqlite3').resolve()}"
