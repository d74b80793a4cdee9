"""What moto lacks or answers differently from AWS, one module per service. Importing a module applies it."""

from __future__ import annotations

import importlib

MODULES = (
    "autoscaling",
    "autoscaling_policies",
    "autoscaling_refresh",
    "backup",
    "budgets",
    "cloudwatch",
    "ec2",
    "efs",
    "elasticache",
    "elbv2",
    "iam",
    "kms",
    "lambda_functions",
    "logs",
    "network",
    "opensearch",
    "rds",
    "s3",
    "s3_configurations",
    "s3_policy",
    "security_groups",
    "sqs",
    "ssm",
    "ssm_commands",
    "transit_gateway",
    "vpn",
)


def apply() -> None:
    for module in MODULES:
        importlib.import_module(f"{__name__}.{module}")
