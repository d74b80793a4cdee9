"""Errors in the shape that each AWS protocol has for them, so that a client reads the message and fails at once."""

from __future__ import annotations

import json
from html import escape

from .calls import Call
from .http import Request, Response

_XML = {
    "ec2": "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    "<RequestID>retrofit</RequestID></Response>",
    "query": "<ErrorResponse><Error><Type>{side}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    "<RequestId>retrofit</RequestId></ErrorResponse>",
    "s3": "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>retrofit</RequestId></Error>",
}
_REST_XML = {"route53", "cloudfront"}


def not_implemented(request: Request, call: Call, what: str | None = None) -> Response:
    name = call.operation or f"{request.method} {request.decoded_path}"
    # moto's own words help where only a part of the operation is missing.
    detail = f" as it was called ({what.split(' has not been')[0]})" if what and "filter" in what.lower() else ""
    message = f"The sandbox's AWS has no {call.service}:{name}{detail}. See sandbox/emulator/README.md."
    return error(request, call, 400, "NotImplemented", message)


def internal(request: Request, call: Call, exception: BaseException) -> Response:
    name = call.operation or f"{request.method} {request.decoded_path}"
    message = f"The sandbox's AWS failed in {call.service}:{name}: {type(exception).__name__}: {exception}"
    return error(request, call, 500, "InternalFailure", message)


def error(request: Request, call: Call, status: int, code: str, message: str) -> Response:
    protocol = _protocol(request, call)
    if protocol == "json":
        body = json.dumps({"__type": code, "message": message, "Message": message})
        return Response(
            status,
            [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-errortype", code)],
            body.encode(),
        )
    side = "Sender" if status < 500 else "Receiver"
    body = _XML[protocol].format(code=escape(code), message=escape(message), side=side)
    return Response(status, [("Content-Type", "text/xml")], body.encode())


def _protocol(request: Request, call: Call) -> str:
    if "x-amz-target" in request.headers:
        return "json"
    if call.operation:
        return "ec2" if call.service == "ec2" else "query"
    if call.service == "s3":
        return "s3"
    return "query" if call.service in _REST_XML else "json"
