"""CloudFormation by family, and the one command that deploys it."""
