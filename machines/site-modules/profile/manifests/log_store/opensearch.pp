# OpenSearch with everything on: TLS between nodes and to clients, sign-in, memory that stays in memory.
#
# @param told what Pulumi tells a node
# @param user who it runs as
# @param disk where its data is
# @param heap_mb memory of the JVM
define profile::log_store::opensearch (
  Hash[String[1], Data] $told,
  String[1] $user,
  Profile::Path $disk,
  Integer[1] $heap_mb,
) {
  $download = $told['opensearch']
  $home = "/opt/opensearch/${download['sha256'][0, 12]}"
  profile::program { 'opensearch':
    download => $download,
    folder   => $home,
  }
  $plugins = $told['plugins'].map |$plugin| {
    $mark = $plugin['sha256'][0, 12]
    $file = "/var/cache/retrofit/${mark}.zip"
    $fetch = "/usr/local/lib/retrofit/retrofit-fetch url '${plugin['url']}' ${file} --sha256 ${plugin['sha256']}"
    exec { "plugin ${mark} of OpenSearch":
      command => "/bin/sh -ec \"${fetch}; ${home}/bin/opensearch-plugin install --batch file://${file}; touch ${home}/plugins.${mark}\"",
      creates => "${home}/plugins.${mark}",
      timeout => 600,
      require => Profile::Program['opensearch'],
      notify  => Service['opensearch.service'],
    }
    $mark
  }

  $certificate = {
    'pemcert_filepath'       => 'certificates/node.pem',
    'pemkey_filepath'        => 'certificates/node.key',
    'pemtrustedcas_filepath' => 'certificates/ca.pem',
  }
  $tls = ['http', 'transport'].reduce({}) |$all, $layer| {
    $all + $certificate.reduce({}) |$found, $setting| {
      $found + { "plugins.security.ssl.${layer}.${setting[0]}" => $setting[1] }
    }
  }
  $holding = ['data', 'ingest']
  $roles = if $told['number'] < $told['managers'] { ['cluster_manager'] + $holding } else { $holding }
  $managers = Integer[0, $told['managers'] - 1].map |$number| { "node-${number}" }
  $settings = {
    'cluster.name'                                                 => $told['id'],
    'cluster.initial_cluster_manager_nodes'                        => $managers,
    'cluster.routing.allocation.awareness.attributes'              => 'zone',
    'node.name'                                                    => "node-${told['number']}",
    'node.attr.zone'                                               => "\${RETROFIT_ZONE}",
    'node.roles'                                                   => $roles,
    'bootstrap.memory_lock'                                        => true,
    'discovery.seed_providers'                                     => 'file',
    'network.host'                                                 => "\${RETROFIT_ADDRESS}",
    'http.port'                                                    => 9200,
    'transport.port'                                               => 9300,
    'path.data'                                                    => "${disk}/data",
    'path.logs'                                                    => "${disk}/logs",
    'plugins.security.ssl.http.enabled'                            => true,
    'plugins.security.ssl.transport.enforce_hostname_verification' => true,
    'plugins.security.ssl.transport.resolve_hostname'              => false,
    'plugins.security.nodes_dn'                                    => ['CN=log-store-node,O=retrofit'],
    'plugins.security.allow_default_init_securityindex'            => true,
    'plugins.security.restapi.roles_enabled'                       => ['all_access'],
    'plugins.security.audit.type'                                  => 'log4j',
  } + $tls
  # What the security plugin begins with; users come from Secrets Manager.
  $basic = {
    'http_enabled'           => true,
    'order'                  => 0,
    'http_authenticator'     => { 'type' => 'basic', 'challenge' => true },
    'authentication_backend' => { 'type' => 'intern' },
  }
  $security = {
    'config'        => { 'config' => { 'dynamic' => {
      'http'  => { 'anonymous_auth_enabled' => false },
      'authc' => { 'basic' => $basic },
    } } },
    'roles_mapping' => { 'all_access' => { 'reserved' => true, 'backend_roles' => ['admin'] } },
    'roles'         => {},
    'action_groups' => {},
    'tenants'       => {},
  }
  $kinds = { 'roles_mapping' => 'rolesmapping', 'action_groups' => 'actiongroups' }
  file { ['/etc/opensearch', '/etc/opensearch/opensearch-security', '/etc/opensearch/certificates']:
    ensure => directory,
    owner  => 'root',
    group  => $user,
    mode   => '0750',
  }
  $security.each |$name, $content| {
    $kind = if $kinds[$name] { $kinds[$name] } else { $name }
    file { "/etc/opensearch/opensearch-security/${name}.yml":
      content => profile::to_json({ '_meta' => { 'type' => $kind, 'config_version' => 2 } } + $content),
      mode    => '0644',
    }
  }
  file { '/etc/opensearch/opensearch.yml':
    content => "# Managed by Puppet.\n${profile::to_json($settings)}",
    mode    => '0644',
    notify  => Service['opensearch.service'],
  }
  # Not the archive's own: that one writes into its own folder, which nobody may.
  file { '/etc/opensearch/jvm.options':
    content => epp('profile/opensearch-jvm.options.epp', { 'heap_mb' => $heap_mb, 'disk' => $disk }),
    mode    => '0644',
    notify  => Service['opensearch.service'],
  }
  file { '/etc/opensearch/log4j2.properties':
    source  => "${home}/config/log4j2.properties",
    mode    => '0644',
    require => Profile::Program['opensearch'],
  }
  # It would be made at the first start, by who may not.
  exec { 'keystore of OpenSearch':
    command     => "${home}/bin/opensearch-keystore create",
    environment => ['OPENSEARCH_PATH_CONF=/etc/opensearch'],
    creates     => '/etc/opensearch/opensearch.keystore',
    require     => [Profile::Program['opensearch'], File['/etc/opensearch/jvm.options']],
  }
  -> file { '/etc/opensearch/opensearch.keystore':
    owner => 'root',
    group => $user,
    mode  => '0640',
  }
  profile::unit { 'opensearch.service':
    content => epp('profile/opensearch.service.epp', {
      'home'    => $home,
      'user'    => $user,
      'disk'    => $disk,
      'plugins' => $plugins,
    }),
    enable  => true,
    running => true,
    require => [
      File['/etc/opensearch/opensearch.keystore', '/etc/opensearch/log4j2.properties', '/etc/retrofit/log-store.json'],
      File['/usr/local/lib/retrofit/retrofit-log-store', '/etc/opensearch/opensearch-security/config.yml'],
      Package['openssl', 'awscli'],
    ],
  }
}
