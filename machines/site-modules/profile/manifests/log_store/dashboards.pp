# OpenSearch Dashboards on each node, with the node's certificate and the store's sign-in.
#
# @param download where it is fetched from
# @param user who it runs as
define profile::log_store::dashboards (
  Profile::Download $download,
  String[1] $user,
) {
  $home = "/opt/opensearch-dashboards/${download['sha256'][0, 12]}"
  profile::program { 'opensearch-dashboards':
    download => $download,
    folder   => $home,
  }
  $settings = {
    'path.data'                                => '/var/lib/opensearch-dashboards',
    'server.host'                              => "\${RETROFIT_ADDRESS}",
    'server.port'                              => 5601,
    'server.ssl.enabled'                       => true,
    'server.ssl.certificate'                   => '/etc/opensearch/certificates/node.pem',
    'server.ssl.key'                           => '/etc/opensearch/certificates/node.key',
    'opensearch.hosts'                         => ["https://\${RETROFIT_ADDRESS}:9200"],
    'opensearch.username'                      => "\${STORE_USER}",
    'opensearch.password'                      => "\${STORE_PASSWORD}",
    'opensearch.ssl.certificateAuthorities'    => ['/etc/opensearch/certificates/ca.pem'],
    'opensearch.requestHeadersAllowlist'       => ['authorization', 'securitytenant'],
    'opensearch_security.cookie.secure'        => true,
    'opensearch_security.multitenancy.enabled' => false,
  }
  file { '/etc/opensearch/dashboards.yml':
    content => "# Managed by Puppet.\n${profile::to_json($settings)}",
    mode    => '0644',
    notify  => Service['opensearch-dashboards.service'],
  }
  profile::unit { 'opensearch-dashboards.service':
    content => epp('profile/log-store-companion.service.epp', {
      'description' => 'OpenSearch Dashboards',
      'command'     => "${home}/bin/opensearch-dashboards --config /etc/opensearch/dashboards.yml",
      'user'        => $user,
      'state'       => 'opensearch-dashboards',
    }),
    enable  => true,
    running => true,
    require => [Profile::Program['opensearch-dashboards'], File['/etc/opensearch/dashboards.yml']],
  }
}
