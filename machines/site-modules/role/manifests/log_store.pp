# A node of a log store that runs on machines of one's own. Where it is asked for, also the door for what speaks nothing but
# syslog, such as appliances in the office.
class role::log_store {
  include profile::base
  include profile::ssm
  include profile::log_collector
  include profile::log_forwarder
  include profile::metrics
  include profile::mounts
  include profile::log_store
}
