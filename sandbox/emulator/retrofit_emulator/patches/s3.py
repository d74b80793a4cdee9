"""S3: notifications to EventBridge are answered as they were asked for; a delete marker can be deleted; a bucket that holds
objects can get an object lock, as AWS allows since November 2023; access logs go to a bucket whose policy has a statement
for everybody; the parts of an upload are listed with their sums."""

from __future__ import annotations

import base64
import hashlib
import json
from types import SimpleNamespace
from typing import Any

from moto.core.responses import ActionResult
from moto.s3.exceptions import InvalidBucketState
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend
from moto.s3.responses import S3Response

from ._patch import replace, wrap


@wrap(S3Response, "get_bucket_notification")
def _get_notification(original: Any, self: Any) -> Any:
    configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
    if configuration is None or configuration.event_bridge is None:
        return original(self)
    serialize = self.serialized
    # The response object lives for this one request.
    self.serialized = lambda answer: serialize(ActionResult({**answer.result, "EventBridgeConfiguration": {}}))
    return original(self)


@wrap(S3Response, "list_parts")
def _list_parts(original: Any, self: Any) -> Any:
    upload = self.backend.get_bucket(self.bucket_name).multiparts.get(self._get_param("uploadId"))
    # The original says of an upload that is not there, or is over, what AWS says.
    if upload is None or upload.metadata.get("x-amz-checksum-algorithm") != "SHA256":
        return original(self)
    serialize = self.serialized

    def with_sums(answer: ActionResult) -> Any:
        parts = [{**part, "ChecksumSHA256": _sha256(upload.parts[part["PartNumber"]])} for part in answer.result["Parts"]]
        return serialize(ActionResult({**answer.result, "Parts": parts}))

    # The response object lives for this one request.
    self.serialized = with_sums
    return original(self)


def _sha256(part: Any) -> str:
    """Worked out once: whoever goes on with an upload asks for the parts again."""
    if not hasattr(part, "retrofit_sha256"):
        part.retrofit_sha256 = base64.b64encode(hashlib.sha256(part.value).digest()).decode()
    return str(part.retrofit_sha256)


def _listed(self: FakeKey, _memo: dict[int, Any]) -> FakeKey:
    """A listing of versions copies each, to say which is the latest; moto copies what they hold as well, gigabytes of it."""
    listed = FakeKey.__new__(FakeKey)
    listed.__dict__.update(self.__dict__)
    return listed


FakeKey.__deepcopy__ = _listed


# A key's file is closed when its last version goes; a delete marker has none to close.
FakeDeleteMarker.dispose = lambda self: None


@replace(S3Backend, "put_object_lock_configuration")
def _put_object_lock_configuration(
    self: S3Backend,
    bucket_name: str,
    lock_enabled: bool,
    mode: str | None = None,
    days: int | None = None,
    years: int | None = None,
) -> None:
    bucket = self.get_bucket(bucket_name)
    if not bucket.is_versioned:
        raise InvalidBucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
    bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
    bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days, years


_log_delivery = FakeBucket._log_permissions_enabled_policy


def _log_permissions_enabled_policy(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
    """moto takes every principal for a group; one for everybody is a text, and no permission of the logging service."""
    if not target_bucket.policy:
        return False
    policy = json.loads(target_bucket.policy)
    named = [statement for statement in policy["Statement"] if isinstance(statement.get("Principal"), dict)]
    reduced = SimpleNamespace(
        name=target_bucket.name,
        partition=target_bucket.partition,
        policy=json.dumps({**policy, "Statement": named}).encode(),
    )
    return _log_delivery(reduced, target_prefix)


FakeBucket._log_permissions_enabled_policy = staticmethod(_log_permissions_enabled_policy)
