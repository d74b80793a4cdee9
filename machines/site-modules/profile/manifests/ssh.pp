# SSH without passwords, without root, with current algorithms. No security group opens its port by default.
#
# @param allow_tcp_forwarding whether administrators may tunnel through the machine
class profile::ssh (
  Boolean $allow_tcp_forwarding,
) {
  package { 'openssh-server': ensure => installed }
  file { '/etc/ssh/sshd_config.d/10-retrofit.conf':
    content      => epp('profile/sshd.conf.epp', { 'allow_tcp_forwarding' => $allow_tcp_forwarding }),
    mode         => '0600',
    validate_cmd => '/usr/sbin/sshd -t -f %',
    require      => Package['openssh-server'],
    notify       => Service['ssh'],
  }
  service { 'ssh':
    ensure => running,
    enable => true,
  }
}
