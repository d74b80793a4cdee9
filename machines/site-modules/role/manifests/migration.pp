# Runs a release's database migrations, then has nothing left to do.
class role::migration {
  include profile::base
  include profile::ssm
  include profile::log_forwarder
  include profile::database_client
  include profile::migration
}
