"""Site-to-site VPN: tunnel options that are kept, static routes, route propagation, a configuration made of them.

What is up is told from outside (`vpn_telemetry`); AWS spreads routes of a connection only while a tunnel of it is up.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models.route_tables import Route, RouteTable
from moto.ec2.models.vpn_connections import VPNConnection
from moto.ec2.responses.customer_gateways import CustomerGateways
from moto.ec2.responses.route_tables import RouteTables
from moto.ec2.responses.vpn_connections import VPNConnections

from .. import determinism, vpn_telemetry
from ._patch import operation, replace, wrap

TUNNELS = 2
DEFAULT_AMAZON_ASN = 64512
# Fixed, so that asking twice gives the same answer.
TELEMETRY_SINCE = datetime(2024, 1, 1)
# The request and the answer spell these members differently.
SPELLING = (("DPD", "Dpd"), ("IKE", "Ike"))


@wrap(CustomerGateways, "create_customer_gateway")
def _create_customer_gateway(original: Any, self: Any) -> Any:
    answer = original(self)
    gateway = answer.result["CustomerGateway"]
    gateway.device_name = self._get_param("DeviceName")
    gateway.certificate_arn = self._get_param("CertificateArn")
    gateway.bgp_asn = gateway.bgp_asn or self._get_param("BgpAsnExtended")
    return answer


# Connections --------------------------------------------------------------------------------------------------------
@wrap(VPNConnections, "create_vpn_connection")
def _create_connection(original: Any, self: Any) -> Any:
    answer = original(self)
    connection = answer.result["VpnConnection"]
    wanted = dict(self._get_param("Options") or {})
    tunnels = [dict(tunnel) for tunnel in wanted.get("TunnelOptions") or []]
    tunnels += [{} for _ in range(TUNNELS - len(tunnels))]
    connection.category = "VPN"
    connection.static_routes = []
    connection.options = {
        "EnableAcceleration": bool(wanted.get("EnableAcceleration")),
        "StaticRoutesOnly": bool(wanted.get("StaticRoutesOnly")),
        "LocalIpv4NetworkCidr": wanted.get("LocalIpv4NetworkCidr", "0.0.0.0/0"),
        "RemoteIpv4NetworkCidr": wanted.get("RemoteIpv4NetworkCidr", "0.0.0.0/0"),
        "OutsideIpAddressType": wanted.get("OutsideIpAddressType", "PublicIpv4"),
        "TunnelInsideIpVersion": wanted.get("TunnelInsideIpVersion", "ipv4"),
        "TunnelOptions": [_tunnel(tunnel, place) for place, tunnel in enumerate(tunnels)],
    }
    return answer


def _tunnel(wanted: dict[str, Any], place: int) -> dict[str, Any]:
    """What was asked for, and what AWS chooses where nothing was. Each place has a range of its own: two never meet."""
    draw = determinism.identities()
    chosen = {
        "PreSharedKey": "".join(draw.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._", k=32)),
        "TunnelInsideCidr": f"169.254.{draw.randint(20, 130) + 115 * place}.{4 * draw.randint(0, 60)}/30",
        "OutsideIpAddress": f"203.0.113.{draw.randint(2, 126) + 128 * place}",
    }
    return {**chosen, **_respelled(wanted)}


def _respelled(options: dict[str, Any]) -> dict[str, Any]:
    respelled = {}
    for name, value in options.items():
        for request, answer in SPELLING:
            name = name.replace(request, answer)
        respelled[name] = value
    return respelled


@operation(VPNConnections)
def modify_vpn_tunnel_options(self: Any) -> ActionResult:
    connection = _connection(self)
    outside = self._get_param("VpnTunnelOutsideIpAddress")
    for tunnel in connection.options["TunnelOptions"]:
        if tunnel["OutsideIpAddress"] == outside:
            tunnel.update(_respelled(self._get_param("TunnelOptions") or {}))
    return ActionResult({"VpnConnection": connection})


@operation(VPNConnections)
def modify_vpn_connection_options(self: Any) -> ActionResult:
    connection = _connection(self)
    for name in ("LocalIpv4NetworkCidr", "RemoteIpv4NetworkCidr"):
        if self._get_param(name):
            connection.options[name] = self._get_param(name)
    return ActionResult({"VpnConnection": connection})


@operation(VPNConnections)
def modify_vpn_connection(self: Any) -> ActionResult:
    """Another device or another gateway for the same tunnels."""
    connection = _connection(self)
    if self._get_param("CustomerGatewayId"):
        connection.customer_gateway_id = self._get_param("CustomerGatewayId")
    if self._get_param("VpnGatewayId"):
        connection.vpn_gateway_id, connection.transit_gateway_id = self._get_param("VpnGatewayId"), None
    if self._get_param("TransitGatewayId"):
        connection.vpn_gateway_id, connection.transit_gateway_id = None, self._get_param("TransitGatewayId")
    return ActionResult({"VpnConnection": connection})


@operation(VPNConnections)
def create_vpn_connection_route(self: Any) -> EmptyResult:
    connection = _connection(self)
    connection.static_routes = [*(connection.static_routes or []), self._get_param("DestinationCidrBlock")]
    return EmptyResult()


@operation(VPNConnections)
def delete_vpn_connection_route(self: Any) -> EmptyResult:
    connection, gone = _connection(self), self._get_param("DestinationCidrBlock")
    connection.static_routes = [cidr for cidr in connection.static_routes or [] if cidr != gone]
    return EmptyResult()


def _connection(self: Any) -> Any:
    return self.ec2_backend.describe_vpn_connections([self._get_param("VpnConnectionId")])[0]


def _routes(self: Any) -> list[dict[str, str]]:
    routes = self.static_routes or []
    return [{"DestinationCidrBlock": cidr, "Source": "Static", "State": "available"} for cidr in routes]


def _telemetry(self: Any) -> list[dict[str, Any]]:
    tunnels = (self.options or {}).get("TunnelOptions", [])
    return [_tunnel_telemetry(self, tunnel["OutsideIpAddress"]) for tunnel in tunnels]


def _tunnel_telemetry(self: Any, outside: str) -> dict[str, Any]:
    told = vpn_telemetry.of(self.id, outside)
    static = len(self.static_routes or []) if told["status"] == "UP" else 0
    return {
        "OutsideIpAddress": outside,
        "Status": told["status"],
        "StatusMessage": told.get("message", ""),
        "AcceptedRouteCount": told.get("routes", static),
        "LastStatusChange": TELEMETRY_SINCE,
    }


VPNConnection.routes = property(_routes)
VPNConnection.vgw_telemetry = property(_telemetry)


@wrap(VPNConnection, "get_filter_value")
def _filter(original: Any, self: Any, filter_name: str, method_name: str | None = None) -> Any:
    if filter_name == "route.destination-cidr-block":
        return self.static_routes or []
    if filter_name == "vpn-connection-id":
        return self.id
    if filter_name == "option.static-routes-only":
        return str(bool((self.options or {}).get("StaticRoutesOnly"))).lower()
    return original(self, filter_name, method_name)


# The document that a device's administrator downloads ---------------------------------------------------------------
@replace(VPNConnection, "customer_gateway_configuration")
@property  # type: ignore[misc]
def _configuration(self: Any) -> str:
    backend = self.ec2_backend
    peer = backend.customer_gateways.get(self.customer_gateway_id)
    gateway = backend.vpn_gateways.get(self.vpn_gateway_id) if self.vpn_gateway_id else None
    asn = getattr(gateway, "amazon_side_asn", None) or DEFAULT_AMAZON_ASN
    tunnels = (self.options or {}).get("TunnelOptions", [])
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<vpn_connection id="{self.id}">',
            f"<customer_gateway_id>{self.customer_gateway_id}</customer_gateway_id>",
            f"<vpn_gateway_id>{self.vpn_gateway_id or self.transit_gateway_id or ''}</vpn_gateway_id>",
            f"<vpn_connection_type>{self.type}</vpn_connection_type>",
            *(_tunnel_document(tunnel, peer, asn) for tunnel in tunnels),
            "</vpn_connection>",
        ]
    )


def _tunnel_document(tunnel: dict[str, Any], peer: Any, amazon_asn: Any) -> str:
    inside = ipaddress.ip_network(tunnel["TunnelInsideCidr"], strict=False)
    amazon, customer = list(inside.hosts())[:2]
    return (
        "<ipsec_tunnel>"
        + _end("customer_gateway", getattr(peer, "ip_address", ""), customer, inside, getattr(peer, "bgp_asn", ""))
        + _end("vpn_gateway", tunnel["OutsideIpAddress"], amazon, inside, amazon_asn)
        + "<ike>"
        + _proposal(tunnel, "Phase1", "SHA1", "AES128", "2", 28800)
        + f"<mode>main</mode><pre_shared_key>{escape(tunnel['PreSharedKey'])}</pre_shared_key></ike>"
        + "<ipsec><protocol>esp</protocol>"
        + _proposal(tunnel, "Phase2", "SHA1", "AES128", "2", 3600)
        + "<mode>tunnel</mode><clear_df_bit>true</clear_df_bit>"
        + "<fragmentation_before_encryption>true</fragmentation_before_encryption>"
        + "<tcp_mss_adjustment>1379</tcp_mss_adjustment>"
        + "<dead_peer_detection><interval>10</interval><retries>3</retries></dead_peer_detection></ipsec>"
        + "</ipsec_tunnel>"
    )


def _end(name: str, outside: Any, inside: Any, network: Any, asn: Any) -> str:
    return (
        f"<{name}><tunnel_outside_address><ip_address>{outside}</ip_address></tunnel_outside_address>"
        f"<tunnel_inside_address><ip_address>{inside}</ip_address><network_mask>{network.netmask}</network_mask>"
        f"<network_cidr>{network.prefixlen}</network_cidr></tunnel_inside_address>"
        f"<bgp><asn>{asn}</asn><hold_time>30</hold_time></bgp></{name}>"
    )


def _proposal(tunnel: dict[str, Any], phase: str, integrity: str, encryption: str, group: str, seconds: int) -> str:
    """The first of each list that was asked for, as AWS's document has it."""

    def first(kind: str, default: str) -> Any:
        listed = tunnel.get(f"{phase}{kind}") or []
        return listed[0]["Value"] if listed else default

    return (
        f"<authentication_protocol>{str(first('IntegrityAlgorithms', integrity)).lower()}</authentication_protocol>"
        f"<encryption_protocol>{str(first('EncryptionAlgorithms', encryption)).lower()}</encryption_protocol>"
        f"<lifetime>{tunnel.get(f'{phase}LifetimeSeconds', seconds)}</lifetime>"
        f"<perfect_forward_secrecy>group{first('DHGroupNumbers', group)}</perfect_forward_secrecy>"
    )


# Route propagation --------------------------------------------------------------------------------------------------
@operation(RouteTables)
def enable_vgw_route_propagation(self: Any) -> EmptyResult:
    table = self.ec2_backend.get_route_table(self._get_param("RouteTableId"))
    gateway = {"GatewayId": self._get_param("GatewayId")}
    known = getattr(table, "propagating_vgws", None) or []
    table.propagating_vgws = known if gateway in known else [*known, gateway]
    return EmptyResult()


@operation(RouteTables)
def disable_vgw_route_propagation(self: Any) -> EmptyResult:
    table = self.ec2_backend.get_route_table(self._get_param("RouteTableId"))
    gateway = {"GatewayId": self._get_param("GatewayId")}
    table.propagating_vgws = [g for g in getattr(table, "propagating_vgws", None) or [] if g != gateway]
    return EmptyResult()


class _PropagatedRoute(Route):
    """A route that a gateway has put into a table by itself."""

    origin = "EnableVgwRoutePropagation"


def _spread(self: Any) -> list[Any]:
    """The static routes of every connection that is up, of every gateway that this table listens to."""
    backend = self.ec2_backend
    own = {route.destination_cidr_block for route in self._routes.values()}
    spread: dict[str, Any] = {}
    for listed in getattr(self, "propagating_vgws", None) or []:
        gateway = backend.vpn_gateways.get(listed["GatewayId"])
        for connection in backend.vpn_connections.values():
            if gateway is None or connection.vpn_gateway_id != gateway.id or connection.state == "deleted":
                continue
            if not vpn_telemetry.any_up(connection.id):
                continue
            for cidr in connection.static_routes or []:
                if cidr not in own:
                    spread[cidr] = _PropagatedRoute(self, cidr, None, gateway=gateway)
    return list(spread.values())


@replace(RouteTable, "routes")
@property  # type: ignore[misc]
def _table_routes(self: Any) -> list[Any]:
    return [*self._routes.values(), *_spread(self)]
