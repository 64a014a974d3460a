"""The library's server over our tools and resources. The only module that imports the library, which also brings an HTTP client that is never used here."""

import logging
from collections.abc import Collection
from importlib.metadata import version
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from mcp.types import Tool as Listed

from services.voice.platforms.mcp.answering import Answering
from services.voice.platforms.mcp.callers import CALLER
from services.voice.platforms.mcp.plain import plain
from services.voice.platforms.mcp.resources import SUMMARY, TARIFF, Resources
from services.voice.platforms.mcp.told import Answered, schema_of
from services.voice.platforms.mcp.tools import Tool, Wrong

JSON = "application/json"
LISTS_FRESH_MS = 300_000
"""How long a client may keep the lists of tools and resources (2026-07-28): they change with a new version only."""


def manager(title: str, instructions: str, tools: Collection[Tool], answering: Answering, resources: Resources, body_max: int) -> StreamableHTTPSessionManager:
    """What answers each HTTP request alone: no session, no stream, JSON only; revisions 2025-03-26 to 2025-11-25, and 2026-07-28."""
    logging.getLogger("mcp").setLevel(logging.ERROR)  # at lower levels it logs what strangers send
    handlers = _Handlers(tools, answering, resources)
    server: Server[Any] = Server(
        "surgecast",
        version=version("surgecast"),
        title=title,
        instructions=instructions,
        get_tool_input_schema=handlers.input_schema,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read,
    )
    server.middleware.clear()  # its tracing names nothing that our metrics don't
    return StreamableHTTPSessionManager(server, json_response=True, stateless=True, max_request_body_size=body_max)


class _Handlers:
    """The library's requests, answered."""

    def __init__(self, tools: Collection[Tool], answering: Answering, resources: Resources) -> None:
        self._tools, self._answering, self._resources = {tool.name: tool for tool in tools}, answering, resources
        self._listed = [_listed(tool) for tool in tools]
        self._schemas = {tool.name: tool.input_schema for tool in self._listed}

    def input_schema(self, name: str) -> dict[str, Any] | None:
        """The schema of a tool's arguments."""
        return self._schemas.get(name)

    async def list_tools(self, _context: Any, _asked: PaginatedRequestParams | None) -> ListToolsResult:
        """All tools, on one page."""
        return ListToolsResult(tools=self._listed, ttl_ms=LISTS_FRESH_MS, cache_scope="public")

    async def call(self, context: Any, asked: CallToolRequestParams) -> CallToolResult:
        """The answer of a tool. Arguments that it does not take are told as its error, so that an assistant can mend them."""
        tool = self._tools.get(asked.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool called {plain(asked.name, 60)!r}. tools/list names them.")
        try:
            told = await self._answering.answer(tool, asked.arguments or {}, context.request.scope[CALLER])
        except Wrong as error:
            return CallToolResult(content=[TextContent(type="text", text=str(error))], is_error=True)
        return CallToolResult(content=[TextContent(type="text", text=told.words)], structured_content=told.structure)

    async def list_resources(self, _context: Any, _asked: PaginatedRequestParams | None) -> ListResourcesResult:
        """The two resources."""
        return ListResourcesResult(resources=_RESOURCES, ttl_ms=LISTS_FRESH_MS, cache_scope="public")

    async def list_templates(self, _context: Any, _asked: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
        """None: each resource has an address of its own."""
        return ListResourceTemplatesResult(resource_templates=[], ttl_ms=LISTS_FRESH_MS, cache_scope="public")

    async def read(self, _context: Any, asked: ReadResourceRequestParams) -> ReadResourceResult:
        """A resource, as it is now."""
        uri = str(asked.uri)
        text = self._resources.read(uri)
        if text is None:
            raise MCPError(INVALID_PARAMS, f"There is no resource at {plain(uri, 100)!r}. resources/list names them.")
        return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type=JSON, text=text)])


def _listed(tool: Tool) -> Listed:
    return Listed(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=schema_of(tool.arguments),
        output_schema=schema_of(Answered),
        annotations=ToolAnnotations(title=tool.title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False),
    )


_RESOURCES = [
    Resource(
        uri=SUMMARY,
        name="summary",
        title="Outages now",
        description="All areas with outages: how many, how many customers, and when the power should be back; with the time that this was known at.",
        mime_type=JSON,
    ),
    Resource(
        uri=TARIFF,
        name="tariff",
        title="What electricity costs",
        description="Price plans: prices, seasons, hours, holidays.",
        mime_type=JSON,
    ),
]
