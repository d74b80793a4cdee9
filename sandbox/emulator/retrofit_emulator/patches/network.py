"""VPC networking: filters that the provider asks by."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.subnets import Subnet

from ._patch import replace, wrap


@wrap(Subnet, "get_filter_value")
def _subnet_filter(original: Any, self: Any, filter_name: str, method_name: str | None = None) -> Any:
    associations = [a for a in self.ipv6_cidr_block_associations.values() if _associated(a)]
    if filter_name == "ipv6-cidr-block-association.association-id":
        return [association["associationId"] for association in associations]
    if filter_name == "ipv6-cidr-block-association.ipv6-cidr-block":
        return [association["ipv6CidrBlock"] for association in associations]
    return original(self, filter_name, method_name)


@replace(Subnet, "ipv6_cidr_block_association_set")
@property  # type: ignore[misc]
def _subnet_ipv6_blocks(self: Any) -> list[dict[str, Any]]:
    return [dict(a) for a in self.ipv6_cidr_block_associations.values() if _associated(a)]


def _associated(association: dict[str, Any]) -> bool:
    return association["ipv6CidrBlockState"]["State"] == "associated"
