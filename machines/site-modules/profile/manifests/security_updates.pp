# Security updates without anybody's doing. A machine is never restarted for one: fleets are replaced instead.
#
# @param enabled false where machines have to stay as they were built
class profile::security_updates (
  Boolean $enabled,
) {
  package { 'unattended-upgrades': ensure => installed }
  $daily = if $enabled { '1' } else { '0' }
  file { '/etc/apt/apt.conf.d/20auto-upgrades':
    content => epp('profile/auto-upgrades.epp', { 'daily' => $daily }),
    mode    => '0644',
    require => Package['unattended-upgrades'],
  }
  file { '/etc/apt/apt.conf.d/52retrofit-unattended-upgrades':
    content => epp('profile/unattended-upgrades.epp'),
    mode    => '0644',
  }
}
