# Logstash on each node, for senders that speak Beats. It needs the archive that brings the output for OpenSearch.
#
# @param download where it is fetched from
# @param user who it runs as
# @param stream where its lines go
define profile::log_store::logstash (
  Profile::Download $download,
  String[1] $user,
  String[1] $stream,
) {
  $home = "/opt/logstash/${download['sha256'][0, 12]}"
  profile::program { 'logstash':
    download => $download,
    folder   => $home,
  }
  file { '/etc/opensearch/logstash.conf':
    content => epp('profile/logstash.conf.epp', { 'stream' => $stream }),
    mode    => '0644',
    notify  => Service['logstash.service'],
  }
  profile::unit { 'logstash.service':
    content => epp('profile/log-store-companion.service.epp', {
      'description' => 'Logstash',
      'command'     => "${home}/bin/logstash -f /etc/opensearch/logstash.conf --path.data /var/lib/logstash",
      'user'        => $user,
      'state'       => 'logstash',
    }),
    enable  => true,
    running => true,
    require => [Profile::Program['logstash'], File['/etc/opensearch/logstash.conf']],
  }
}
