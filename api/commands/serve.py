"""`zhike serve`: the API, the widget, the agents' console, the demo page and demo accounts."""

from __future__ import annotations

import ctypes
import gc
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.loading import one_thread_a_reply

if TYPE_CHECKING:
    from assistant.bootstrap import Application
    from assistant.demo import DemoAccounts
    from assistant.settings import Settings

__all__ = ["serve"]

_SHUTDOWN_SECONDS = 5
# M_ARENA_MAX of glibc's malloc.h.
_ARENA_MAX = -8


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; ZHIKE_HOST otherwise.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; ZHIKE_PORT otherwise.", min=0, max=65535)] = None,
    demo: Annotated[bool, typer.Option("--demo", help="With the demo page and the demo accounts.")] = False,
) -> None:
    """Serve 启动服务: API, widget, agents' console and demo page. Database and index are made at the first start.

    Example: zhike serve --demo --port 8080
    """
    # Until it is open millions of objects are made, and most stay: no collection need look at them, then or later. What a publication
    # takes the place of goes by itself, being part of no cycle.
    gc.disable()
    try:
        _serve({name: value for name, value in (("host", host), ("port", port)) if value is not None}, demo=demo)
    finally:
        gc.enable()


def _serve(given: dict[str, str | int], *, demo: bool) -> None:
    from assistant.settings import load_settings

    settings = load_settings(**given)
    one_thread_a_reply()
    _share_memory()
    listening = _listen(settings)
    if not _Serving(settings, listening, demo=demo).run():
        raise typer.Exit(1)


def _share_memory() -> None:
    """Have all threads take memory from two pools, where the C library is glibc, in place of one each: a tenth less is held."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


class _Serving:
    def __init__(self, settings: Settings, listening: socket.socket, *, demo: bool) -> None:
        import uvicorn

        from api.app import create_app
        from api.logs import configure

        configure(settings.log_level)
        self._settings, self._listening, self._demo = settings, listening, demo
        self._failed = False
        self._demo_accounts: DemoAccounts | None = None
        app = create_app(settings, self._open, demo=demo, on_ready=self._ready, on_failure=self._failure)

        class Server(uvicorn.Server):
            def handle_exit(self, sig: int, frame: object) -> None:
                # Event streams never end by themselves, and the server waits for open responses.
                if app.state.ready:
                    app.state.ready.live.stop()
                super().handle_exit(sig, frame)  # type: ignore[arg-type]

        self._server = Server(uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, proxy_headers=True,
            forwarded_allow_ips=settings.trusted_proxies, timeout_graceful_shutdown=_SHUTDOWN_SECONDS))

    def run(self) -> bool:
        _say(f"Zhike is starting on {self._address}; the first start builds the index …")
        self._server.run(sockets=[self._listening])
        return not self._failed

    def _open(self) -> Application:
        from assistant.bootstrap import open_application
        from assistant.demo import close_demo, open_demo
        from assistant.demo_data import fill_demo
        from assistant.demo_floor import fill_floor
        from assistant.demo_follow_ups import fill_follow_ups
        from assistant.firm_policy import load_firm_policy
        from assistant.follow_up_policy import load_follow_up_policy

        try:
            application = open_application(self._settings, _Steps())
            gc.freeze()
        finally:
            gc.enable()
        if self._demo:
            given = self._settings.demo_password
            self._demo_accounts = open_demo(application.store, given and given.get_secret_value())
            fill_demo(application.store)
            fill_floor(application.store, application.knowledge.words())
            fill_follow_ups(application.store, application.responder, load_follow_up_policy(self._settings.follow_ups),
                            load_firm_policy(self._settings.suitability))
        else:
            close_demo(application.store)
        return application

    @property
    def _address(self) -> str:
        host, port = self._listening.getsockname()[:2]
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"

    def _ready(self, application: Application) -> None:
        _say(f"Ready, knowledge version {application.knowledge_version}.")
        if self._demo:
            _say(f"  Demo page  {self._address}/")
            self._say_accounts()
        _say(f"  Widget     {self._address}/widget.js")
        _say(f"  Console    {self._address}/agent")
        _say(f"  Desk       {self._address}/desk")
        _say(f"  Dashboard  {self._address}/dashboard")
        _say(f"  API        {self._address}/v1   (described in {self._address}/openapi.json)")

    def _say_accounts(self) -> None:
        demo = self._demo_accounts
        if demo and demo.names:
            password = "the one in ZHIKE_DEMO_PASSWORD" if self._settings.demo_password else demo.password
            _say(f"  Accounts   {', '.join(demo.names)}; password of all: {password}")
        if demo and demo.taken:
            _say(f"  Accounts with passwords of their own: {', '.join(demo.taken)}")

    def _failure(self, error: BaseException) -> None:
        _say(f"zhike: {error} [{getattr(error, 'code', type(error).__name__)}]")
        self._failed = True
        self._server.should_exit = True


class _Steps:
    """Long steps as lines, one when a step begins: a server's output is a log."""

    def __init__(self) -> None:
        self._begun: set[str] = set()

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self._begun:
            self._begun.add(what)
            _say(f"  {what} ({total})" if total else f"  {what}")


def _listen(settings: Settings) -> socket.socket:
    from assistant.errors import SettingsInvalid

    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise SettingsInvalid(f"Can't listen on {settings.host}:{settings.port}: {error.strerror}. "
                              "Another port: zhike serve --port 8080") from error
    return listening


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
