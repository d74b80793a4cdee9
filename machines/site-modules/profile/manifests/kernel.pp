# Kernel settings.
#
# @param settings names and values as in /etc/sysctl.d
class profile::kernel (
  Hash[Pattern[/\A[a-z][a-z0-9_.]+\z/], Variant[Integer, String[1]]] $settings,
) {
  $lines = $settings.keys.sort.map |$key| { "${key} = ${settings[$key]}\n" }
  file { '/etc/sysctl.d/60-retrofit.conf':
    content => "# Managed by Puppet.\n${join($lines)}",
    mode    => '0644',
  }
  # The unit looks whether kernel settings may be written at all; in a container they may not.
  ~> exec { 'systemctl restart systemd-sysctl.service':
    path        => ['/usr/bin', '/bin'],
    refreshonly => true,
  }
}
