# Where lines are kept that others send by syslog, by sender and day. The log forwarder takes them and ships them as well,
# where its configuration has a source for them.
#
# @param keep_days how long the files are kept
class profile::log_collector (
  Integer[1] $keep_days,
) {
  file { '/var/log/collected':
    ensure => directory,
    mode   => '0750',
  }
  file { '/etc/tmpfiles.d/retrofit-collected.conf':
    content => "# Managed by Puppet.\nd /var/log/collected 0750 root root ${keep_days}d\n",
    mode    => '0644',
  }
}
