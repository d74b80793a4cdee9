# A node of a log store that runs on machines of one's own, and the door for what cannot send to a store itself, such as
# appliances in the office.
class role::log_store {
  include profile::base
  include profile::ssm
  include profile::metrics
  include profile::mounts
  include profile::log_collector
  include profile::log_store
}
