"""moto's server application, called in process with a request value."""

from __future__ import annotations

import io
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from .http import Request, Response

_ENVIRON_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def _create(service: Any) -> Any:
    if service is None:
        raise NotImplementedError("the sandbox has no such service")
    app = create_backend_app(service)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    return app


class MotoApp:
    def __init__(self) -> None:
        self._dispatcher = DomainDispatcherApplication(_create)

    def handle(self, request: Request) -> Response:
        """Exceptions of moto's own come through, for the caller to shape."""
        response = Response(500)

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            response.status = int(status.split(" ", 1)[0])
            response.headers = headers

        parts = self._dispatcher(_environ(request), start_response)
        try:
            response.body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        return response


def _environ(request: Request) -> dict[str, Any]:
    raw = request.path + (f"?{request.query}" if request.query else "")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.decoded_path.encode("utf-8").decode("latin-1"),
        "QUERY_STRING": request.query,
        "RAW_URI": raw,
        "REQUEST_URI": raw,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name != "transfer-encoding":
            environ[_ENVIRON_NAMES.get(name, "HTTP_" + name.upper().replace("-", "_"))] = value
    environ["CONTENT_LENGTH"] = str(len(request.body))
    return environ
