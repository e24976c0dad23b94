"""The built web app: its files, and its first page for every address that the app itself routes."""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

_NO_APP = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Plantroom</title>
<h1>Plantroom</h1><p>The web app was not built. The API is at <a href="/openapi.json">/openapi.json</a>.</p>
<p lang="zh">网页应用尚未构建。</p></html>"""
_FOREVER = "public, max-age=31536000, immutable"
_HASHED = "static/"
"""Folder of files whose names hold a hash of their content; not ``assets``, which is an address of the app."""
_PHONE = ("phone", "t")
"""First parts of addresses that the phone app routes: its own, and those that stand on tags."""
_MEDIA_TYPES = {".webmanifest": "application/manifest+json", ".wasm": "application/wasm"}
"""What not every machine's list of types knows; a browser refuses WebAssembly under any other name."""
_WORTH_COMPRESSING = 1024
"""Bytes; below, the compressed answer would not be smaller."""


def install(app: FastAPI, folder: Path | None) -> None:
    """Serve ``folder`` for every address that nothing else took. Call it after all other routes.

    What is large goes out compressed, answers of the API as well: on a phone's network that is
    most of the waiting. Event streams are left alone by the middleware itself.
    """
    app.add_middleware(GZipMiddleware, minimum_size=_WORTH_COMPRESSING, compresslevel=6)

    @app.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def web_app(path: str, request: Request) -> Response:
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404)
        if folder is None:
            return HTMLResponse(_NO_APP)
        takes_brotli = "br" in request.headers.get("accept-encoding", "")
        return _file(folder, path, takes_brotli=takes_brotli) or _first_page(folder, path)


def _file(folder: Path, path: str, *, takes_brotli: bool) -> Response | None:
    """The file of the app at this path, if there is one; never one outside of the folder. The build left its
    Brotli form beside it, a fifth smaller than what is compressed on the way."""
    if "\0" in path:
        return None
    file = (folder / path).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        return None
    caching = _FOREVER if path.startswith(_HASHED) else "no-cache"
    headers = {"cache-control": caching}
    media_type = _MEDIA_TYPES.get(file.suffix) or guess_type(file.name)[0]
    small = file.with_name(f"{file.name}.br")
    if small.is_file():
        headers["vary"] = "Accept-Encoding"
        if takes_brotli:
            return FileResponse(small, headers={**headers, "content-encoding": "br"}, media_type=media_type)
    return FileResponse(file, headers=headers, media_type=media_type)


def _first_page(folder: Path, path: str) -> Response:
    if path.startswith(_HASHED):  # a file of an older build: the first page would be taken for a script
        raise HTTPException(404)
    page = "phone.html" if path.partition("/")[0] in _PHONE else "index.html"
    return FileResponse(folder / page, headers={"cache-control": "no-cache"})
