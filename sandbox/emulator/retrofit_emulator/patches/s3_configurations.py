"""S3: configurations of a bucket that moto does not know, or answers in part, kept as the XML that they came as."""

from __future__ import annotations

from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.responses import S3Response

from ._patch import wrap

# What is asked for in the query, and the error when there is none.
MISSING = {"metrics": "NoSuchConfiguration", "replication": "ReplicationConfigurationNotFoundError"}


class NoConfiguration(S3ClientError):
    code = 404

    def __init__(self, kind: str) -> None:
        super().__init__(MISSING[kind], f"The bucket has no such {kind} configuration")


@wrap(S3Response, "_bucket_response")
def _bucket_response(original: Any, self: Any, request: Any, full_url: str) -> Any:
    query = self._get_querystring(request, full_url)
    kind = next((name for name in MISSING if name in query), None)
    name = self.parse_bucket_name_from_url(request, full_url)
    if kind is None or not name:
        return original(self, request, full_url)
    kept = self.backend.get_bucket(name).__dict__.setdefault("kept_configurations", {})
    key = (kind, query.get("id", [""])[0])
    if request.method == "PUT":
        kept[key] = self.body
        return 200, {}, ""
    if request.method == "DELETE":
        kept.pop(key, None)
        return 204, {}, ""
    if key not in kept:
        raise NoConfiguration(kind)
    return 200, {"content-type": "application/xml"}, kept[key]
