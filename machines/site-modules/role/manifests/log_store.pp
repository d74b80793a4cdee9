# Takes the logs of machines that cannot send them to the log store themselves, such as appliances in the office.
class role::log_store {
  include profile::base
  include profile::ssm
  include profile::metrics
  include profile::mounts
  include profile::log_collector
}
