"""Files that anyone may read and cache."""

from fastapi import Request
from fastapi.responses import Response


def public_file(request: Request, body: bytes | str, *, media_type: str, caching: str, etag: str) -> Response:
    """The file, any web page may read it too; 304 if the caller has it already."""
    quoted = f'"{etag}"'
    headers = {
        "ETag": quoted,
        "Cache-Control": caching,
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if quoted in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
