# A node of the log store: OpenSearch, and OpenSearch Dashboards and Logstash where they are asked for. Debian has none of
# them: they come from the operator's mirror, by their sums. What differs between nodes comes from Pulumi.
#
# @param node what Pulumi tells a node; without it there is none on this machine
# @param disk where the data disk is mounted
# @param most_heap_mb limit of the heap: above it the JVM's pointers take twice the room
class profile::log_store (
  Profile::Path $disk,
  Integer[256] $most_heap_mb,
  Optional[Struct[{
    id                   => Pattern[/\A[a-z0-9-]+\z/],
    number               => Integer[0],
    managers             => Integer[1],
    names                => Array[String[1]],
    user_secret          => String[1],
    authority_secret     => String[1],
    volume               => String[1],
    system_stream        => Pattern[/\Alogs-[a-z0-9-]+\z/],
    opensearch           => Profile::Download,
    plugins              => Array[Profile::Download],
    Optional[dashboards] => Profile::Download,
    Optional[logstash]   => Profile::Download,
  }]] $node = undef,
) {
  if $node {
    include profile::helpers
    include profile::systemd
    $user = 'opensearch'
    user { $user:
      system => true,
      home   => '/nonexistent',
      shell  => '/usr/sbin/nologin',
    }
    package { 'openssl': ensure => installed }
    file { '/etc/retrofit/log-store.json':
      content => profile::to_json({
        'id'              => $node['id'],
        'region'          => $facts['retrofit']['region'],
        'names'           => $node['names'],
        'volume'          => $node['volume'],
        'disk'            => $disk,
        'user'            => $user,
        'userSecret'      => $node['user_secret'],
        'authoritySecret' => $node['authority_secret'],
      }),
      mode    => '0644',
      require => Class['profile::helpers'],
    }
    ['retrofit-log-store', 'retrofit_disk.py', 'retrofit_metadata.py'].each |$program| {
      file { "/usr/local/lib/retrofit/${program}":
        source => "puppet:///modules/profile/${program}",
        mode   => '0755',
      }
    }
    profile::log_store::opensearch { 'opensearch':
      told    => $node,
      user    => $user,
      disk    => $disk,
      heap_mb => min($most_heap_mb, $facts['memory']['system']['total_bytes'] / 1048576 / 2),
    }
    profile::unit { 'log-store-watch.service':
      content => epp('profile/log-store-watch.service.epp'),
    }
    profile::unit { 'log-store-watch.timer':
      content => epp('profile/log-store-watch.timer.epp'),
      enable  => true,
      running => true,
      require => Profile::Unit['log-store-watch.service'],
    }
    if $node['dashboards'] {
      profile::log_store::dashboards { 'dashboards':
        download => $node['dashboards'],
        user     => $user,
      }
    }
    if $node['logstash'] {
      profile::log_store::logstash { 'logstash':
        download => $node['logstash'],
        user     => $user,
        stream   => $node['system_stream'],
      }
    }
  }
}
