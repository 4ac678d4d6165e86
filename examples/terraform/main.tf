# Before terraform plan: o365aws login --profile admin
provider "aws" {
  profile = "admin" # in ~/.aws/config, with credential_process
}

data "aws_caller_identity" "current" {}

output "arn" {
  value = data.aws_caller_identity.current.arn
}
