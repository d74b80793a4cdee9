"""OpenSearch Service: domains with an address of their own that a real OpenSearch stands behind."""

from __future__ import annotations

import string
from typing import Any

from moto.ec2 import ec2_backends
from moto.opensearch import opensearch_backends
from moto.opensearch.models import OpenSearchDomain, OpenSearchServiceBackend

from .. import determinism, servers
from ..state import backends
from ._patch import wrap


@wrap(OpenSearchDomain, "__init__")
def _init(original: Any, self: Any, account_id: str, region: str, *args: Any, **kwargs: Any) -> None:
    original(self, account_id, region, *args, **kwargs)
    letters = determinism.identities().choices(string.ascii_lowercase + string.digits, k=16)
    self.retrofit_id = "domain-" + "".join(letters)
    taken = [d.retrofit_address for b in backends(opensearch_backends) for d in b.domains.values()]
    self.retrofit_address = servers.free_address(servers.LOG_STORES, taken)
    self.retrofit_user = self.retrofit_password = None
    if self.vpc_options:
        self.endpoint, self.endpoints = None, {"vpc": self.retrofit_address}
        self.vpc_options = _in_vpc(account_id, region, self.vpc_options)
    else:
        self.endpoint = self.retrofit_address
    self.auto_tune_options = {"State": self.auto_tune_options.get("DesiredState", "ENABLED")}
    _keep_master(self)


def _in_vpc(account_id: str, region: str, options: dict[str, Any]) -> dict[str, Any]:
    """With what AWS finds out by itself."""
    found = [ec2_backends[account_id][region].get_subnet(subnet) for subnet in options.get("SubnetIds", [])]
    zones = sorted({subnet.availability_zone for subnet in found})
    return {**options, "VPCId": found[0].vpc_id if found else None, "AvailabilityZones": zones}


def _keep_master(domain: Any) -> None:
    """AWS takes the password of the first user and never tells it."""
    master = domain.advanced_security_options.pop("MasterUserOptions", None)
    if master:
        domain.retrofit_user = master.get("MasterUserName", domain.retrofit_user)
        domain.retrofit_password = master.get("MasterUserPassword", domain.retrofit_password)


@wrap(OpenSearchServiceBackend, "update_domain_config")
def _update(original: Any, self: Any, domain_name: str, *args: Any, **kwargs: Any) -> Any:
    former = self.domains[domain_name]
    vpc, tune = former.vpc_options, former.auto_tune_options
    domain = original(self, domain_name, *args, **kwargs)
    _keep_master(domain)
    if domain.vpc_options is not vpc and domain.vpc_options:
        domain.vpc_options = _in_vpc(self.account_id, self.region_name, domain.vpc_options)
    if domain.auto_tune_options is not tune:
        domain.auto_tune_options = {"State": domain.auto_tune_options.get("DesiredState", "ENABLED")}
    return domain


@wrap(OpenSearchDomain, "to_config_dict")
def _config(original: Any, self: Any) -> dict[str, Any]:
    """Of Auto-Tune the configuration says what is wished for; moto has how it is."""
    config = original(self)
    state = self.auto_tune_options["State"]
    config["AutoTuneOptions"] = {"Options": {"DesiredState": state}, "Status": {**self._status_block(), "State": state}}
    return config
