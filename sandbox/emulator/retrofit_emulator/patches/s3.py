"""S3: notifications to EventBridge are answered as they were asked for; a delete marker can be deleted."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.s3.models import FakeDeleteMarker
from moto.s3.responses import S3Response

from ._patch import wrap


@wrap(S3Response, "get_bucket_notification")
def _get_notification(original: Any, self: Any) -> Any:
    configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
    if configuration is None or configuration.event_bridge is None:
        return original(self)
    serialize = self.serialized
    # The response object lives for this one request.
    self.serialized = lambda answer: serialize(ActionResult({**answer.result, "EventBridgeConfiguration": {}}))
    return original(self)


# A key's file is closed when its last version goes; a delete marker has none to close.
FakeDeleteMarker.dispose = lambda self: None
