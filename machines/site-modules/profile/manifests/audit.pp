# A record of who changed what: accounts, SSH, this configuration, and programs run as root by people.
#
# @param rules in auditd's own words, one each
class profile::audit (
  Array[String[1]] $rules,
) {
  package { 'auditd': ensure => installed }
  file { '/etc/audit/rules.d/60-retrofit.rules':
    content => "# Managed by Puppet.\n${join($rules, "\n")}\n",
    mode    => '0640',
    require => Package['auditd'],
    notify  => Service['auditd'],
  }
  # Debian's unit refuses a restart by hand; its own script reads the rules anew.
  service { 'auditd':
    ensure  => profile::running(),
    enable  => true,
    restart => if profile::in_container() { '/bin/true' } else { '/usr/sbin/augenrules --load' },
  }
}
