# What every machine is made of.
#
# @param packages installed on every machine
# @param extra_packages installed on top, by role or environment
class profile::base (
  Array[String[1]] $packages,
  Array[String[1]] $extra_packages,
) {
  class { 'profile::swap': stage => 'foundation' }
  class { 'profile::package_sources': stage => 'foundation' }
  class { 'profile::time': stage => 'foundation' }

  package { unique($packages + $extra_packages):
    ensure => installed,
  }

  include profile::systemd
  include profile::helpers
  include profile::users
  include profile::ssh
  include profile::security_updates
  include profile::kernel
  include profile::audit
  include profile::journal
}
