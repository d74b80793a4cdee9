# The journal: kept over a restart, bounded in size.
#
# @param max_mb how much of the disk it may take, in MB
class profile::journal (
  Integer[16] $max_mb,
) {
  file { '/etc/systemd/journald.conf.d':
    ensure => directory,
    mode   => '0755',
  }
  file { '/etc/systemd/journald.conf.d/retrofit.conf':
    content => "# Managed by Puppet.\n[Journal]\nStorage=persistent\nSystemMaxUse=${max_mb}M\nCompress=yes\n",
    mode    => '0644',
  }
  ~> exec { 'systemctl restart systemd-journald.service':
    path        => ['/usr/bin', '/bin'],
    refreshonly => true,
  }
}
