"""Customers in a SQL database, read only. Meets `kernel.ports.customers.CustomerDirectory`.

Queries run in threads of their own, so that a database that hangs holds nothing but those; SQLAlchemy is loaded there too, at the first question.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

from services.kernel.customers import Customer, CustomerId
from services.kernel.ports.failures import Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Engine


class SqlCustomers:
    """For one event loop."""

    def __init__(self, url: str, timeout_s: float, threads: int) -> None:
        """`timeout_s`: for a connection, a lock, or a statement."""
        self._url, self._timeout_s = url, timeout_s
        self._threads = ThreadPoolExecutor(threads, "customers")
        self._engine: Engine | None = None
        self._making = Lock()

    async def find(self, customer: CustomerId) -> Customer | None:
        """Meets `CustomerDirectory.find`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._find, customer)

    def _find(self, customer: CustomerId) -> Customer | None:
        from services.adapters import customers_rows

        return customers_rows.find(self._made(), customer)

    def _made(self) -> "Engine":
        """The engine. Raises `Unavailable` where there can't be one: its driver is missing, or its folder."""
        from services.adapters import customers_rows

        with self._making:
            if self._engine is None:
                try:
                    self._engine = customers_rows.reader(self._url, self._timeout_s)
                except (ImportError, OSError) as error:
                    raise Unavailable(f"The customer database can't be opened ({type(error).__name__})") from error
            return self._engine

    async def close(self) -> None:
        """Meets `CustomerDirectory.close`. A query that hangs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._engine is not None:
            self._engine.dispose()
