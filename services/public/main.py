"""The public service, put together: settings in, an ASGI application out. It reads the site's folder and needs nothing else alive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from fastapi import FastAPI

from services.adapters.messages_folder import spoken_by
from services.adapters.site_folder import SiteFolder
from services.kit.clock import SystemClock
from services.kit.guard import Guard
from services.kit.http import Observed, service_app
from services.kit.settings import Settings
from services.public import contract
from services.public.age import SiteAge
from services.public.app import SERVICE, PublicSide
from services.public.pages import ReplyPages
from services.public.shelf import Shelf


def build(settings: Settings) -> Guard:
    """Run by any ASGI server, as many processes as wanted."""
    shelf = Shelf(SiteFolder(settings.site_folder), settings)
    age = SiteAge(shelf, SystemClock())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        ticking = asyncio.create_task(age.tell_forever(settings.public_refresh_s))
        yield
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking

    inner = Observed(service_app(SERVICE, age.ready, partial(contract.openapi, settings), lifespan=lifespan), SERVICE)
    return Guard(PublicSide(shelf, ReplyPages(spoken_by(settings)), settings, inner), SERVICE, settings)
