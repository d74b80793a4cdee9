"""SSM's public parameters for the images that this emulator has."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from moto.ssm.models import Parameter, ParameterDict, SimpleSystemManagerBackend

from .. import determinism
from ._patch import wrap

PUBLIC_IMAGES = {
    "/aws/service/debian/release/12/latest/amd64": "debian-12-",
    "/aws/service/debian/release/bookworm/latest/amd64": "debian-12-",
    "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64": "al2023-",
    "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64": "al2023-",
}


def _public_parameters(store: Any) -> dict[str, list[Parameter]]:
    images = json.loads(Path(os.environ["MOTO_AMIS_PATH"]).read_text())
    return {
        name: [
            Parameter(
                account_id=store.account_id,
                name=name,
                value=next(image["ami_id"] for image in images if image["name"].startswith(prefix)),
                parameter_type="String",
                description=None,
                allowed_pattern=None,
                keyid=None,
                last_modified_date=determinism.now(),
                version=1,
                data_type="aws:ec2:image",
            )
        ]
        for name, prefix in PUBLIC_IMAGES.items()
    }


@wrap(ParameterDict, "_check_loading_status")
def _load(original: Any, self: Any, key: str) -> None:
    original(self, key)
    if str(key or "").startswith("/aws/service/") and not getattr(self, "images_loaded", False):
        self.images_loaded = True
        for name, versions in _public_parameters(self).items():
            dict.__setitem__(self, name, versions)


@wrap(SimpleSystemManagerBackend, "describe_parameters")
def _describe_parameters(original: Any, self: Any, *args: Any) -> Any:
    """The public parameters are nobody's own, and must not be listed because somebody has read one."""
    return [p for p in original(self, *args) if not p.name.startswith("/aws/service/")]
