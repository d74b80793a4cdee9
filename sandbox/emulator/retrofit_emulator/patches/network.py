"""VPC networking: filters that the provider asks by, endpoint routes, ICMP rules, what a NAT gateway leaves behind."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses.network_acls import NetworkACLs

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


# A gateway endpoint has a route to its prefix list in each of its route tables; moto makes them at creation only.
@wrap(VPCEndPoint, "modify")
def _modify_endpoint(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    before = set(self.route_table_ids or [])
    original(self, *args, **kwargs)
    prefix_list = self.destination_prefix_list_id
    if not prefix_list:
        return
    after = set(self.route_table_ids or [])
    for table in sorted(after - before):
        self.ec2_backend.create_route(table, None, gateway_id=self.id, destination_prefix_list_id=prefix_list)
    for table in sorted(before - after):
        self.ec2_backend.delete_route(table, prefix_list)


# The request says `Icmp`, its parsed form `IcmpTypeCode`; moto reads the former.
@wrap(NetworkACLs, "_get_param")
def _icmp(original: Any, self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    value = original(self, name, *args, **kwargs)
    if value is None and name.startswith("Icmp."):
        return original(self, f"IcmpTypeCode.{name.removeprefix('Icmp.')}", *args, **kwargs)
    return value


# The interface of a NAT gateway goes with it.
@wrap(EC2Backend, "delete_nat_gateway")
def _delete_nat_gateway(original: Any, self: Any, nat_gateway_id: str) -> Any:
    gateway = original(self, nat_gateway_id)
    self.enis.pop(gateway._eni.id, None)
    return gateway
