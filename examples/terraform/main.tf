# Sign in once, then: terraform init && terraform plan
# Without profiles in the configuration:
#   o365aws exec --profile admin --server -- terraform apply
terraform {
  required_version = ">= 1.10" # for use_lockfile

  required_providers {
    aws = { source = "hashicorp/aws" }
  }
  backend "s3" {
    bucket       = "contoso-terraform"
    key          = "example.tfstate"
    region       = "eu-central-1"
    profile      = "admin"
    use_lockfile = true
  }
}

provider "aws" {
  region  = "eu-central-1"
  profile = "admin" # in ~/.aws/config, with credential_process
}

# A role in another account, assumed with the role of the profile.
provider "aws" {
  alias   = "deploy"
  region  = "eu-central-1"
  profile = "admin"
  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/deploy"
  }
}

data "aws_caller_identity" "admin" {}

data "aws_caller_identity" "deploy" {
  provider = aws.deploy
}

output "admin" {
  value = data.aws_caller_identity.admin.arn
}

output "deploy" {
  value = data.aws_caller_identity.deploy.arn
}
