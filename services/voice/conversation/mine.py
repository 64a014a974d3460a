"""Is it my outage: of whoever has linked an account, by their premises; else of where the device is."""

from msgspec.structs import replace

from services.kernel.answers import spoken_at
from services.kernel.answers_mine import Where, my_answer
from services.kernel.customers import Premise
from services.kernel.ids import UNPLACED
from services.kernel.mine import Mine, Sureness, at_point, of_premises
from services.voice.conversation.accounts import Accounts
from services.voice.conversation.answerer import Asked
from services.voice.conversation.extents import Locator
from services.voice.conversation.turn import Said


class MyOutages:
    """Answers from the mirror and, for somebody with a linked account, the directory. Where that is away, the others go on."""

    def __init__(self, accounts: Accounts, locator: Locator) -> None:
        self._accounts, self._locator = accounts, locator

    async def answer(self, asked: Asked) -> Said | None:
        """What to say of the asker's own place; None where that isn't known: whoever asks on goes by area."""
        premises = await self._premises(asked)
        if premises:
            return await self._at_home(asked, premises)
        if asked.turn.point is None:
            return None
        index = await self._locator.index(asked.shown, by_place=True)
        mine = at_point(asked.turn.point, index)
        if mine.sureness is Sureness.NONE:
            return None  # by shapes alone nothing can be ruled out: the area is told, or asked for
        return Said(my_answer(asked.wording, mine, asked.intent, asked.now, Where.HERE))

    async def at_home(self, asked: Asked) -> Mine | None:
        """The outage of the asker's premises where that is surest, else the one where their device is, whose premise then has no id; None where neither is
        known: by shapes alone nothing can be ruled out.
        """
        if premises := await self._premises(asked):
            return await self._found(asked, premises)
        mine = at_point(asked.turn.point, await self._locator.index(asked.shown, by_place=True)) if asked.turn.point is not None else Mine()
        return replace(mine, premise=Premise("", "", UNPLACED, asked.turn.point)) if mine.sureness else None

    async def _premises(self, asked: Asked) -> tuple[Premise, ...]:
        if not asked.turn.account:
            return ()
        asker = await self._accounts.asker(asked.turn)
        if asker.customer is None:
            return ()
        return tuple(with_known_area(premise, asked) for premise in asker.customer.premises)

    async def _at_home(self, asked: Asked, premises: tuple[Premise, ...]) -> Said:
        mine = await self._found(asked, premises)
        where = Where.NAMED if len(premises) > 1 and mine.sureness is not Sureness.NONE else Where.HOME
        unplaced = asked.shown.views.get(UNPLACED)
        unknown = unplaced is not None and unplaced.brief.outages > 0
        return Said(my_answer(asked.wording, mine, asked.intent, asked.now, where, in_area=_in_area(asked, mine), unplaced=unknown))

    async def _found(self, asked: Asked, premises: tuple[Premise, ...]) -> Mine:
        index = await self._locator.index(asked.shown, by_place=any(premise.point for premise in premises))
        return of_premises(premises, index, asked.shown.views)


def _in_area(asked: Asked, mine: Mine) -> str:
    if mine.sureness is not Sureness.AREA or mine.premise is None:
        return ""
    return spoken_at(asked.shown.views[mine.premise.area].answers[asked.lang][asked.intent], asked.now)


def with_known_area(premise: Premise, asked: Asked) -> Premise:
    """A directory may name areas by what people call them."""
    if premise.area in asked.shown.views:
        return premise
    found = asked.gazetteer.named(premise.area).area
    return premise if found is None else replace(premise, area=found)
