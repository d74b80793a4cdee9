resource "aws_cloudwatch_log_group" "flow_logs" {
  name_prefix       = "network-flow-logs-"
  retention_in_days = 7
  tags              = { Name = "network-flow-logs" }
}

resource "aws_iam_role" "flow_logs" {
  name_prefix = "network-flow-logs-"
  description = "Lets VPC flow logs write to their log group"
  tags        = { Name = "network-flow-logs" }
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = aws_vpc.network.owner_id }
        ArnLike      = { "aws:SourceArn" = replace(aws_vpc.network.arn, "/:vpc\\/.*$/", ":vpc-flow-log/*") }
      }
    }]
  })
}

resource "aws_iam_role_policy" "flow_logs" {
  role = aws_iam_role.flow_logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
        Resource = [aws_cloudwatch_log_group.flow_logs.arn, "${aws_cloudwatch_log_group.flow_logs.arn}:*"]
      },
      {
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = replace(aws_cloudwatch_log_group.flow_logs.arn, "/:log-group:.*$/", ":log-group:*")
      },
    ]
  })
}

resource "aws_flow_log" "network" {
  vpc_id               = aws_vpc.network.id
  traffic_type         = "ALL"
  log_destination_type = "cloud-watch-logs"
  log_destination      = aws_cloudwatch_log_group.flow_logs.arn
  iam_role_arn         = aws_iam_role.flow_logs.arn
  tags                 = { Name = "network-flow-logs" }
  depends_on           = [aws_iam_role_policy.flow_logs]
}
