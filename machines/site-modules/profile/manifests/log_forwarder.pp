# Sends the journal, and with it the application's output, to the central log store. What cannot be sent waits on disk,
# over a restart too. Without an endpoint the logs stay in the journal.
#
# @param endpoint address of the log store's bulk interface, such as https://logs.example.internal:9200
# @param data_stream where the lines go
# @param buffer_mb how much may wait on disk, in MB
class profile::log_forwarder (
  Optional[Pattern[/\Ahttps?:\/\/[^\s"]+\z/]] $endpoint = undef,
  Pattern[/\A[a-z0-9._-]+\z/] $data_stream = 'logs-retrofit-default',
  Integer[16] $buffer_mb = 256,
) {
  if $endpoint {
    package { ['syslog-ng-core', 'syslog-ng-mod-http']: ensure => installed }
    file { '/etc/syslog-ng/syslog-ng.conf':
      content      => epp('profile/syslog-ng-forwarder.conf.epp', {
        'endpoint'    => $endpoint,
        'data_stream' => $data_stream,
        'buffer_mb'   => $buffer_mb,
        'retrofit'    => $facts['retrofit'],
      }),
      mode         => '0640',
      validate_cmd => '/usr/sbin/syslog-ng --syntax-only --no-caps --cfgfile=%',
      require      => Package['syslog-ng-core', 'syslog-ng-mod-http'],
      notify       => Service['syslog-ng'],
    }
    service { 'syslog-ng':
      ensure => running,
      enable => true,
    }
  }
}
