# The dev environment as a careful person would write it in Terraform by hand: the same resources with the same
# arguments as the Pulumi program makes from Pulumi.dev.yaml. bench/terraform-peer/compare.ts checks that the two agree
# by type and count after each run. What Terraform has no word for is left out: the gates.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
  default_tags {
    tags = {
      "retrofit:environment" = "dev"
      "retrofit:application" = "shop"
    }
  }
}

# What bench/up-and-preview.ts hands over, since the release is packed by our own code.

variable "release" {
  type        = string
  description = "Version of the application."
}

variable "artifact" {
  type        = object({ file = string, sha256 = string })
  description = "The packed release."
}

variable "boot_program" {
  type        = string
  description = "What a machine runs at first boot."
}

output "url" {
  value = "http://${aws_lb.web.dns_name}"
}

output "target_group_arn" {
  value = aws_lb_target_group.web.arn
}
