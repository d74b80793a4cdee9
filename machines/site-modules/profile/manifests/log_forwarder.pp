# Ships the journal, and with it the application's output or that of containers, and the application's files to the
# central log store. What the store has not taken waits on disk, over a restart too. What is shipped is in
# /etc/retrofit/log-forwarder.conf, which comes with the machine's user data; without `logs` in machine.json the logs stay
# in the journal.
#
# @param configuration what syslog-ng is to do
# @param certificates certificates that the store's is checked with
class profile::log_forwarder (
  Profile::Path $configuration = '/etc/retrofit/log-forwarder.conf',
  Profile::Path $certificates = '/etc/ssl/certs/ca-certificates.crt',
) {
  if $facts['retrofit']['logs'] {
    include profile::systemd
    include profile::helpers
    $environment = {
      'RETROFIT_ROOT'    => '',
      'RETROFIT_JOURNAL' => 'systemd-journal(prefix(".journald."))',
      'RETROFIT_TRUSTED' => $certificates,
    }
    $tried = ($environment + { 'RETROFIT_LOGS_BASIC' => 'x' }).map |$name, $value| {
      "${name}='${value}'"
    }
    package { ['syslog-ng-core', 'syslog-ng-mod-http']: ensure => installed }
    file { ['/var/lib/retrofit-logs', '/var/lib/retrofit-logs/buffer']:
      ensure => directory,
      mode   => '0750',
    }
    file { '/etc/syslog-ng/syslog-ng.conf':
      source       => $configuration,
      mode         => '0640',
      validate_cmd => "/usr/bin/env ${join($tried, ' ')} /usr/sbin/syslog-ng --syntax-only --no-caps --cfgfile=%",
      require      => Package['syslog-ng-core', 'syslog-ng-mod-http'],
      notify       => Service['syslog-ng'],
    }
    file { '/etc/systemd/system/syslog-ng.service.d':
      ensure => directory,
      mode   => '0755',
    }
    file { '/etc/systemd/system/syslog-ng.service.d/retrofit.conf':
      content => epp('profile/syslog-ng.service.epp', {
        'environment' => $environment,
        'release'     => $facts['retrofit']['release'],
      }),
      mode    => '0644',
      notify  => [Class['profile::systemd'], Service['syslog-ng']],
    }
    service { 'syslog-ng':
      ensure  => running,
      enable  => true,
      require => [Class['profile::systemd'], Class['profile::helpers'], File['/var/lib/retrofit-logs/buffer']],
    }
  }
}
