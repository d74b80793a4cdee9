locals {
  cidr  = "10.10.0.0/16"
  zones = slice(sort(data.aws_availability_zones.here.names), 0, 2)

  subnets = {
    "public-1" = { tier = "public", zone = 0, cidr = "10.10.128.0/21" }
    "public-2" = { tier = "public", zone = 1, cidr = "10.10.136.0/21" }
    "app-1"    = { tier = "app", zone = 0, cidr = "10.10.0.0/20" }
    "app-2"    = { tier = "app", zone = 1, cidr = "10.10.16.0/20" }
    "data-1"   = { tier = "data", zone = 0, cidr = "10.10.192.0/22" }
    "data-2"   = { tier = "data", zone = 1, cidr = "10.10.196.0/22" }
  }
  # One table for each zone of the app tier, one for each other tier.
  route_tables = { public = "public", "app-1" = "app-1", "app-2" = "app-2", data = "data" }

  private_ranges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]
}

data "aws_availability_zones" "here" {
  state = "available"
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_region" "here" {}

resource "aws_vpc" "network" {
  cidr_block           = local.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = "network" }
}

resource "aws_default_security_group" "locked" {
  vpc_id = aws_vpc.network.id
  tags   = { Name = "network-default" }
}

resource "aws_default_network_acl" "locked" {
  default_network_acl_id = aws_vpc.network.default_network_acl_id
  tags                   = { Name = "network-default" }
  lifecycle {
    ignore_changes = [subnet_ids]
  }
}

resource "aws_subnet" "network" {
  for_each                = local.subnets
  vpc_id                  = aws_vpc.network.id
  cidr_block              = each.value.cidr
  availability_zone       = local.zones[each.value.zone]
  map_public_ip_on_launch = false
  tags                    = { Name = "network-${each.key}" }
  lifecycle {
    ignore_changes = [availability_zone]
  }
}

resource "aws_internet_gateway" "network" {
  vpc_id = aws_vpc.network.id
  tags   = { Name = "network" }
}

resource "aws_eip" "nat" {
  domain = "vpc"
  tags   = { Name = "network-nat-1" }
}

resource "aws_nat_gateway" "network" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.network["public-1"].id
  tags          = { Name = "network-nat-1" }
  depends_on    = [aws_internet_gateway.network]
}

resource "aws_route_table" "network" {
  for_each = local.route_tables
  vpc_id   = aws_vpc.network.id
  tags     = { Name = "network-${each.key}" }
}

resource "aws_route_table_association" "network" {
  for_each       = local.subnets
  subnet_id      = aws_subnet.network[each.key].id
  route_table_id = aws_route_table.network[each.value.tier == "app" ? each.key : each.value.tier].id
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.network["public"].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.network.id
}

resource "aws_route" "nat" {
  for_each               = toset(["app-1", "app-2"])
  route_table_id         = aws_route_table.network[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.network.id
}

resource "aws_vpc_endpoint" "gateway" {
  for_each          = toset(["s3", "dynamodb"])
  vpc_id            = aws_vpc.network.id
  service_name      = "com.amazonaws.${data.aws_region.here.name}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.network : table.id]
  tags              = { Name = "network-${each.key}" }
}
