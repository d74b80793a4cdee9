locals {
  fleet_name = "web-${replace(var.release, ".", "-")}"
  fleet_tags = {
    Name               = local.fleet_name
    "retrofit:role"    = "web"
    "retrofit:release" = var.release
    "retrofit:fleet"   = "blue"
  }
  document = {
    environment = "dev"
    role        = "web"
    region      = "eu-central-1"
    release     = var.release
    fleet       = "blue"
    application = {
      name        = "shop"
      command     = "node server.js"
      port        = 8080
      environment = {}
      artifact = {
        bucket = aws_s3_bucket.artifacts.id
        key    = aws_s3_object.release.key
        sha256 = var.artifact.sha256
      }
    }
  }
  user_data = {
    package_update = true
    packages       = ["awscli", "ca-certificates", "nodejs"]
    write_files = [
      { path = "/etc/retrofit/machine.json", permissions = "0644", content = jsonencode(local.document) },
      { path = "/usr/local/sbin/retrofit-first-boot", permissions = "0755", content = var.boot_program },
    ]
    runcmd = [["/usr/local/sbin/retrofit-first-boot"]]
  }
}

data "aws_ami" "debian" {
  owners      = ["136693071363"]
  most_recent = true
  filter {
    name   = "name"
    values = ["debian-12-amd64-*"]
  }
  filter {
    name   = "architecture"
    values = ["x86_64"]
  }
}

resource "aws_launch_template" "web" {
  name_prefix            = "${local.fleet_name}-"
  image_id               = data.aws_ami.debian.id
  instance_type          = "t3.small"
  user_data              = base64encode("#cloud-config\n${yamlencode(local.user_data)}")
  vpc_security_group_ids = [aws_security_group.machines.id]
  tags                   = local.fleet_tags

  iam_instance_profile {
    arn = aws_iam_instance_profile.web.arn
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size           = 8
      volume_type           = "gp3"
      encrypted             = "true"
      delete_on_termination = "true"
    }
  }
  monitoring {
    enabled = true
  }
  dynamic "tag_specifications" {
    for_each = ["instance", "volume"]
    content {
      resource_type = tag_specifications.value
      tags          = local.fleet_tags
    }
  }
  lifecycle {
    ignore_changes = [image_id]
  }
}

resource "aws_autoscaling_group" "web" {
  name_prefix               = "${local.fleet_name}-"
  min_size                  = 2
  max_size                  = 4
  desired_capacity          = 2
  vpc_zone_identifier       = [aws_subnet.network["app-1"].id, aws_subnet.network["app-2"].id]
  target_group_arns         = [aws_lb_target_group.web.arn]
  health_check_type         = "ELB"
  health_check_grace_period = 300
  default_instance_warmup   = 60
  wait_for_capacity_timeout = "0"
  termination_policies      = ["OldestInstance"]
  enabled_metrics           = ["GroupInServiceInstances", "GroupDesiredCapacity"]

  launch_template {
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
  }
  dynamic "tag" {
    for_each = local.fleet_tags
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }
  # A target group that no listener names is not health-checked; a machine without a way out installs nothing.
  depends_on = [aws_lb_listener.test, aws_route.nat, aws_route_table_association.network]
  lifecycle {
    ignore_changes = [desired_capacity]
  }
}

resource "aws_autoscaling_policy" "cpu" {
  name                   = "cpu"
  autoscaling_group_name = aws_autoscaling_group.web.name
  policy_type            = "TargetTrackingScaling"
  target_tracking_configuration {
    target_value = 60
    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
  depends_on = [aws_lb_listener.web]
}

locals {
  of_load_balancer = { LoadBalancer = aws_lb.web.arn_suffix }
  of_fleet         = { LoadBalancer = aws_lb.web.arn_suffix, TargetGroup = aws_lb_target_group.web.arn_suffix }
  alarms = {
    "5xx"       = { metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", threshold = 10, dimensions = local.of_fleet, says = "the application answers 5xx" }
    "lb-5xx"    = { metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum", threshold = 10, dimensions = local.of_load_balancer, says = "the load balancer finds no machine that answers" }
    "unhealthy" = { metric = "UnHealthyHostCount", statistic = "Maximum", threshold = 0, dimensions = local.of_fleet, says = "machines fail their health check" }
    "latency"   = { metric = "TargetResponseTime", statistic = "p99", threshold = 2, dimensions = local.of_fleet, says = "answers take over 2 s (99th percentile)" }
  }
}

resource "aws_cloudwatch_metric_alarm" "web" {
  for_each            = local.alarms
  alarm_name          = "terraform-web-${each.key}"
  alarm_description   = "web: ${each.value.says}."
  namespace           = "AWS/ApplicationELB"
  metric_name         = each.value.metric
  statistic           = each.value.statistic == "p99" ? null : each.value.statistic
  extended_statistic  = each.value.statistic == "p99" ? "p99" : null
  dimensions          = each.value.dimensions
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  depends_on          = [aws_lb_listener.web]
}
