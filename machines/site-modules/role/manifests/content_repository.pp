# Keeps files for other machines and hands them out over HTTP.
class role::content_repository {
  include profile::base
  include profile::ssm
  include profile::log_forwarder
  include profile::metrics
  include profile::mounts
  include profile::content_repository
}
