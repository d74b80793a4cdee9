# Takes syslog over TCP from what cannot send to the log store itself, keeps it in files by sender and day, and hands it
# on when there is an endpoint.
#
# @param port where it listens
# @param keep_days how long the files are kept
# @param endpoint address of the log store's bulk interface; without it the files are all there is
# @param data_stream where the lines go
# @param buffer_mb how much may wait on disk for the log store, in MB
class profile::log_collector (
  Integer[1, 65535] $port,
  Integer[1] $keep_days,
  Optional[Pattern[/\Ahttps?:\/\/[^\s"]+\z/]] $endpoint = undef,
  Pattern[/\A[a-z0-9._-]+\z/] $data_stream = 'logs-collected-default',
  Integer[16] $buffer_mb = 256,
) {
  package { ['syslog-ng-core', 'syslog-ng-mod-http']: ensure => installed }
  file { '/var/log/collected':
    ensure => directory,
    mode   => '0750',
  }
  file { '/etc/syslog-ng/syslog-ng.conf':
    content      => epp('profile/syslog-ng-collector.conf.epp', {
      'port'        => $port,
      'endpoint'    => $endpoint,
      'data_stream' => $data_stream,
      'buffer_mb'   => $buffer_mb,
    }),
    mode         => '0640',
    validate_cmd => '/usr/sbin/syslog-ng --syntax-only --no-caps --cfgfile=%',
    require      => [Package['syslog-ng-core', 'syslog-ng-mod-http'], File['/var/log/collected']],
    notify       => Service['syslog-ng'],
  }
  service { 'syslog-ng':
    ensure => running,
    enable => true,
  }
  file { '/etc/tmpfiles.d/retrofit-collected.conf':
    content => "# Managed by Puppet.\nd /var/log/collected 0750 root root ${keep_days}d\n",
    mode    => '0644',
  }
}
