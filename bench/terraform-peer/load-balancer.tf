locals {
  doors = {
    "80-0.0.0.0/0"        = { port = 80, network = "0.0.0.0/0", who = "clients" }
    "8443-127.0.0.0/8"    = { port = 8443, network = "127.0.0.0/8", who = "testers" }
    "8443-203.0.113.0/24" = { port = 8443, network = "203.0.113.0/24", who = "testers" }
  }
}

resource "aws_security_group" "load_balancer" {
  name_prefix = "web-lb-"
  vpc_id      = aws_vpc.network.id
  description = "Load balancer of web"
  tags        = { Name = "web-lb" }
}

resource "aws_security_group" "machines" {
  name_prefix = "web-machines-"
  vpc_id      = aws_vpc.network.id
  description = "Machines of web"
  tags        = { Name = "web-machines" }
}

resource "aws_vpc_security_group_ingress_rule" "door" {
  for_each          = local.doors
  security_group_id = aws_security_group.load_balancer.id
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.network
  description       = "${each.value.who} on ${each.value.port}"
}

resource "aws_vpc_security_group_egress_rule" "to_machines" {
  security_group_id            = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
  referenced_security_group_id = aws_security_group.machines.id
  description                  = "to the machines"
}

resource "aws_vpc_security_group_ingress_rule" "from_load_balancer" {
  security_group_id            = aws_security_group.machines.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
  referenced_security_group_id = aws_security_group.load_balancer.id
  description                  = "from the load balancer"
}

resource "aws_vpc_security_group_egress_rule" "out" {
  for_each          = { 80 = "package mirrors", 443 = "AWS and package mirrors" }
  security_group_id = aws_security_group.machines.id
  ip_protocol       = "tcp"
  from_port         = each.key
  to_port           = each.key
  cidr_ipv4         = "0.0.0.0/0"
  description       = each.value
}

resource "aws_lb" "web" {
  name_prefix                = "web-"
  load_balancer_type         = "application"
  internal                   = false
  security_groups            = [aws_security_group.load_balancer.id]
  subnets                    = [aws_subnet.network["public-1"].id, aws_subnet.network["public-2"].id]
  drop_invalid_header_fields = true
  enable_deletion_protection = false
  tags                       = { Name = "web" }
  # Enough for the subnets to be usable; the rest of the network is made at the same time.
  depends_on = [aws_route.internet, aws_route_table_association.network]
}

resource "aws_lb_target_group" "web" {
  name_prefix                   = "web-"
  port                          = 8080
  protocol                      = "HTTP"
  vpc_id                        = aws_vpc.network.id
  target_type                   = "instance"
  deregistration_delay          = 10
  load_balancing_algorithm_type = "least_outstanding_requests"
  tags                          = local.fleet_tags
  health_check {
    path                = "/healthz"
    protocol            = "HTTP"
    port                = "traffic-port"
    matcher             = "200"
    interval            = 5
    timeout             = 2
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "test" {
  load_balancer_arn = aws_lb.web.arn
  port              = 8443
  protocol          = "HTTP"
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.web.arn
        weight = 100
      }
    }
  }
}

resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.web.arn
        weight = 100
      }
    }
  }
  depends_on = [aws_autoscaling_group.web]
}
