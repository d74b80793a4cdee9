# Runs a release of the application behind the load balancer.
class role::web {
  include profile::base
  include profile::ssm
  include profile::log_forwarder
  include profile::metrics
  include profile::mounts
  include profile::session_store
  include profile::database_client
  include profile::artifact
}
