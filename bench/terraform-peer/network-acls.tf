locals {
  # Rules by number; a network ACL keeps no memory of connections, so answers have rules of their own.
  home      = { 100 = { action = "allow", protocol = "-1", cidr = local.cidr, from = 0, to = 0 } }
  strangers = { for i, range in local.private_ranges : 200 + 10 * i => { action = "deny", protocol = "-1", cidr = range, from = 0, to = 0 } }
  clients = {
    300 = { action = "allow", protocol = "6", cidr = "0.0.0.0/0", from = 80, to = 80 }
    310 = { action = "allow", protocol = "6", cidr = "0.0.0.0/0", from = 443, to = 443 }
  }
  answers = {
    400 = { action = "allow", protocol = "6", cidr = "0.0.0.0/0", from = 1024, to = 65535 }
    410 = { action = "allow", protocol = "17", cidr = "0.0.0.0/0", from = 1024, to = 65535 }
    420 = { action = "allow", protocol = "1", cidr = "0.0.0.0/0", from = 0, to = 0, icmp_type = 3, icmp_code = 4 }
  }
  everything = { 500 = { action = "allow", protocol = "-1", cidr = "0.0.0.0/0", from = 0, to = 0 } }

  acls = {
    public = {
      ingress = merge(local.home, local.clients, local.answers)
      egress  = merge(local.home, local.everything)
    }
    app = {
      ingress = merge(local.home, local.strangers, local.answers)
      egress  = merge(local.home, local.everything)
    }
    data = {
      ingress = merge(local.home, local.strangers, { 400 = local.answers[400] })
      egress  = merge(local.home, { 310 = local.clients[310] })
    }
  }
}

resource "aws_network_acl" "tier" {
  for_each   = local.acls
  vpc_id     = aws_vpc.network.id
  subnet_ids = [for name, subnet in local.subnets : aws_subnet.network[name].id if subnet.tier == each.key]
  tags       = { Name = "network-${each.key}" }

  dynamic "ingress" {
    for_each = each.value.ingress
    content {
      rule_no    = ingress.key
      action     = ingress.value.action
      protocol   = ingress.value.protocol
      cidr_block = ingress.value.cidr
      from_port  = ingress.value.from
      to_port    = ingress.value.to
      icmp_type  = try(ingress.value.icmp_type, null)
      icmp_code  = try(ingress.value.icmp_code, null)
    }
  }

  dynamic "egress" {
    for_each = each.value.egress
    content {
      rule_no    = egress.key
      action     = egress.value.action
      protocol   = egress.value.protocol
      cidr_block = egress.value.cidr
      from_port  = egress.value.from
      to_port    = egress.value.to
    }
  }
}
