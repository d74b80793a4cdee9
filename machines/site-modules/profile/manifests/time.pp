# A clock that is right: from Amazon's time service, which every machine on AWS reaches without a way out of its network.
# Part of the foundation.
#
# @param server the time server
# @param zone the time zone; logs of different zones cannot be compared, so it is the same everywhere
class profile::time (
  String[1] $server,
  Pattern[/\A[A-Za-z0-9_+\/-]+\z/] $zone,
) {
  package { 'chrony': ensure => installed }
  file { '/etc/chrony/conf.d/retrofit.conf':
    content => "# Managed by Puppet.\nserver ${server} prefer iburst minpoll 4 maxpoll 4\n",
    mode    => '0644',
    require => Package['chrony'],
    notify  => Service['chrony'],
  }
  service { 'chrony':
    ensure => profile::running(),
    enable => true,
  }
  file { '/etc/localtime':
    ensure => link,
    target => "/usr/share/zoneinfo/${zone}",
  }
}
