# One large machine in place of many small ones: runs containers.
class role::docker_host {
  include profile::base
  include profile::ssm
  include profile::log_forwarder
  include profile::metrics
  include profile::mounts
  include profile::containers
}
