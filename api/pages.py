"""The files that browsers load: the widget and its demo page, and the pages of staff."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse

__all__ = ["WEB", "install"]

WEB = Path(__file__).parent / "web"
# The widget is embedded by other sites of the firm; the pages are not.
_EMBEDDED = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
# The pages of staff, by their folders.
_PAGES = {"console": "/agent", "desk": "/desk", "dashboard": "/dashboard"}
# They show what clients wrote: nothing inline, nothing from elsewhere, no frame around it.
_STRICT = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
                               "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


def install(app: FastAPI, *, demo: bool, web: Path = WEB) -> None:
    """A route for each file there is; a catch-all would hide which methods the API's own paths take."""
    for path in _files(web / "widget"):
        name = path.relative_to(web / "widget").as_posix()
        _add(app, f"/widget/{name}", path, _EMBEDDED)
        if name == "widget.js":
            _add(app, "/widget.js", path, _EMBEDDED)
    for folder, url in _PAGES.items():
        for path in _files(web / folder):
            name = path.relative_to(web / folder).as_posix()
            _add(app, url if name == "index.html" else f"{url}/{name}", path, _STRICT)
    for path in _files(web / "demo") if demo else ():
        name = path.relative_to(web / "demo").as_posix()
        _add(app, f"/{name}", path, {})
        if name == "index.html":
            _add(app, "/", path, {})


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _add(app: FastAPI, url: str, path: Path, headers: dict[str, str]) -> None:
    async def serve() -> FileResponse:
        return FileResponse(path, headers={"Cache-Control": "no-cache", **headers})

    app.add_api_route(url, serve, methods=["GET", "HEAD"], include_in_schema=False, response_class=FileResponse)
