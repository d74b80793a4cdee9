"""Security group rules: descriptions of every kind of rule, changes of every kind of rule."""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError, InvalidSecurityGroupRuleIdNotFoundError
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

from ._patch import replace, wrap


@wrap(SecurityGroupRule, "__init__")
def _init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    prefix_list = kwargs.get("prefix_list_id") or {}
    self.own_description = (
        self.ip_range.get("Description") or self.source_group.get("Description") or prefix_list.get("Description")
    )


@replace(SecurityGroupRule, "description")
@property  # type: ignore[misc]
def _description(self: Any) -> str | None:
    return self.ip_range.get("Description") or self.source_group.get("Description") or self.own_description


@replace(SecurityGroupBackend, "modify_security_group_rules")
def _modify(self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
    group = self.get_security_group_by_name_or_id(group_id)
    if group is None:
        raise InvalidSecurityGroupNotFoundError(group_id)
    for rule_id, new in rules.items():
        rule = group.get_rule(rule_id)
        if rule is None:
            raise InvalidSecurityGroupRuleIdNotFoundError(rule_id)
        _change(rule, new)


def _change(rule: Any, new: dict[str, Any]) -> None:
    description = new.get("Description")
    rule.ip_protocol = new["IpProtocol"]
    whole = rule.ip_protocol == "-1"
    rule.from_port = None if whole else int(new["FromPort"])
    rule.to_port = None if whole else int(new["ToPort"])
    rule.own_description = description
    addresses = {"CidrIp": new.get("CidrIpv4"), "CidrIpv6": new.get("CidrIpv6")}
    rule.ip_range = {name: value for name, value in addresses.items() if value}
    if rule.ip_range and description:
        rule.ip_range["Description"] = description
    rule.prefix_list_id = new.get("PrefixListId")
    if not new.get("ReferencedGroupId"):
        rule.source_group = {}
    elif new["ReferencedGroupId"] != rule.source_group.get("GroupId"):
        rule.source_group = {"GroupId": new["ReferencedGroupId"], "UserId": rule.owner_id}
    rule.source_group.pop("Description", None)
