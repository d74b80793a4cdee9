"""Transit gateways: attachments that can be made again, moved between route tables, and listed as they are."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.models.transit_gateway_attachments import TransitGatewayVpcAttachment
from moto.ec2.models.transit_gateway_route_tables import TransitGatewayRelations
from moto.ec2.responses.transit_gateway_attachments import TransitGatewayAttachment
from moto.ec2.responses.transit_gateway_route_tables import TransitGatewayRouteTable

from ._patch import operation, replace, wrap


@wrap(TransitGatewayAttachment, "create_transit_gateway_vpc_attachment")
def _create_request(original: Any, self: Any) -> Any:
    answer = original(self)
    attachment = answer.result["TransitGatewayVpcAttachment"]
    attachment.add_tags(self._parse_tag_specification().get("transit-gateway-attachment", {}))
    table = attachment.transit_gateway_route_table
    if table:
        self.ec2_backend.transit_gateway_associations[attachment.id] = TransitGatewayRelations(
            self.ec2_backend, attachment.id, table.id, "associated"
        )
    return answer


@wrap(EC2Backend, "create_transit_gateway_vpc_attachment")
def _create(
    original: Any,
    self: Any,
    transit_gateway_id: str,
    vpc_id: str,
    subnet_ids: list[str],
    tags: Any = None,
    options: Any = None,
) -> Any:
    for former in list(self.transit_gateway_attachments.values()):
        if former.state == "deleted" and former.resource_id == vpc_id:
            del self.transit_gateway_attachments[former.id]
    gateway = self.transit_gateways.get(transit_gateway_id)
    if gateway is None or gateway.default_route_table is not None:
        return original(self, transit_gateway_id, vpc_id, subnet_ids, tags, options)
    # moto cannot attach to a gateway without a default route table.
    attachment = TransitGatewayVpcAttachment(self, gateway, vpc_id, subnet_ids, tags=tags, options=options)
    self.transit_gateway_attachments[attachment.id] = attachment
    return attachment


@replace(EC2Backend, "delete_transit_gateway_vpc_attachment")
def _delete(self: Any, transit_gateway_attachment_id: str) -> Any:
    """Deleted attachments stay listed for a while: the provider waits for that word."""
    attachment = self.transit_gateway_attachments[transit_gateway_attachment_id]
    attachment.state = "deleted"
    for table in self.transit_gateways_route_tables.values():
        table.route_table_associations.pop(attachment.id, None)
        _forget_propagation(table, attachment.id)
    self.transit_gateway_associations.pop(attachment.id, None)
    self.transit_gateway_propagations.pop(attachment.id, None)
    return attachment


@replace(EC2Backend, "disable_route_table_propagation")
def _disable_propagation(self: Any, transit_gateway_attachment_id: str, transit_gateway_route_table_id: str) -> None:
    table = self.transit_gateways_route_tables[transit_gateway_route_table_id]
    _forget_propagation(table, transit_gateway_attachment_id)


def _forget_propagation(table: Any, attachment_id: str) -> None:
    table.route_table_propagation = [
        p for p in table.route_table_propagation if p.transitGatewayAttachmentId != attachment_id
    ]


@wrap(EC2Backend, "associate_transit_gateway_route_table")
def _associate(
    original: Any, self: Any, transit_gateway_attachment_id: str, transit_gateway_route_table_id: str
) -> Any:
    association = original(self, transit_gateway_attachment_id, transit_gateway_route_table_id)
    attachment = self.transit_gateway_attachments[transit_gateway_attachment_id]
    attachment.transit_gateway_route_table = self.transit_gateways_route_tables[transit_gateway_route_table_id]
    return association


@replace(EC2Backend, "disassociate_transit_gateway_route_table")
def _disassociate(self: Any, tgw_attach_id: str, tgw_rt_id: str) -> Any:
    association = self.transit_gateway_associations.pop(tgw_attach_id, None) or TransitGatewayRelations(
        self, tgw_attach_id, tgw_rt_id, "disassociated"
    )
    association.state = "disassociated"
    self.transit_gateways_route_tables[tgw_rt_id].route_table_associations.pop(tgw_attach_id, None)
    attachment = self.transit_gateway_attachments[tgw_attach_id]
    attachment._association_data = {}
    attachment.transit_gateway_route_table = None
    return association


@operation(TransitGatewayRouteTable)
def search_transit_gateway_routes(self: Any) -> ActionResult:
    found = self.ec2_backend.search_transit_gateway_routes(
        self._get_param("TransitGatewayRouteTableId"), self._filters_from_querystring(), None
    )
    return ActionResult({"Routes": [_route(route) for route in found], "AdditionalRoutesAvailable": False})


def _route(route: dict[str, Any]) -> dict[str, Any]:
    """moto's keys begin in lower case and its one attachment is no list."""
    titled = _titled(route)
    attachments = titled.get("TransitGatewayAttachments")
    if isinstance(attachments, dict):
        titled["TransitGatewayAttachments"] = [_titled(attachments)]
    return titled


def _titled(values: dict[str, Any]) -> dict[str, Any]:
    return {name[0].upper() + name[1:]: value for name, value in values.items()}
