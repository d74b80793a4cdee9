# Keeps documents with their versions and hands them out over HTTP: Jackrabbit, as its application.
class role::content_repository {
  include profile::base
  include profile::ssm
  include profile::log_forwarder
  include profile::metrics
  include profile::mounts
  include profile::artifact
  include profile::content_repository
}
