"""Which operation a request calls, and whether it changes anything."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from .http import Request

READ_PREFIXES = (
    "Describe",
    "Get",
    "List",
    "Head",
    "Search",
    "Lookup",
    "BatchGet",
    "Query",
    "Scan",
    "Select",
    "Test",
    "Validate",
    "Simulate",
    "Filter",
    "Encrypt",
    "Decrypt",
    "GenerateDataKey",
    "GenerateRandom",
    "Preview",
)
# Numbers and health are the present, not state: they are not kept over a restart.
EPHEMERAL = {("monitoring", "PutMetricData")}


@dataclass(frozen=True)
class Call:
    service: str
    """The name in the signature's scope: ec2, elasticloadbalancing, monitoring, s3 ..."""
    operation: str | None
    """None for services that are called by path and method."""
    mutates: bool


def identify(request: Request) -> Call:
    service = signing_service(request)
    operation = operation_name(request)
    if operation:
        mutates = not operation.startswith(READ_PREFIXES) and (service, operation) not in EPHEMERAL
    else:
        mutates = request.method not in ("GET", "HEAD", "OPTIONS")
    return Call(service, operation, mutates)


def signing_service(request: Request) -> str:
    """`Credential=AKIA/20260101/eu-central-1/ec2/aws4_request` in the header, or in the query of a presigned URL."""
    scope = request.headers.get("authorization", "")
    if "Credential=" not in scope:
        scope = "Credential=" + parse_qs(request.query).get("X-Amz-Credential", [""])[0]
    parts = scope.partition("Credential=")[2].split(",")[0].split("/")
    return parts[3].lower() if len(parts) >= 5 else "s3"


def operation_name(request: Request) -> str | None:
    target = request.headers.get("x-amz-target")
    if target:
        return target.rpartition(".")[2]
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        named = parse_qs(request.body.decode("utf-8", "replace")).get("Action")
        if named:
            return named[0]
    named = parse_qs(request.query).get("Action")
    return named[0] if named else None
