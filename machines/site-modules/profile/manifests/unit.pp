# A unit of systemd: its file, and whether it is started at boot and now.
#
# @param content the unit's file
# @param enable whether it is started at boot; left alone by default, as for a service that a timer starts
# @param running whether it has to run now
define profile::unit (
  String[1] $content,
  Optional[Boolean] $enable = undef,
  Boolean $running = false,
) {
  include profile::systemd
  file { "/etc/systemd/system/${title}":
    content => "# Managed by Puppet.\n${content}",
    mode    => '0644',
    notify  => Class['profile::systemd'],
  }
  if $enable =~ Boolean {
    service { $title:
      ensure    => if $running { 'running' } else { undef },
      enable    => $enable,
      require   => [Class['profile::systemd'], Class['profile::helpers']],
      subscribe => File["/etc/systemd/system/${title}"],
    }
  }
}
