# Programs that other profiles use.
class profile::helpers {
  file { ['/etc/retrofit', '/etc/retrofit/environment.d', '/usr/local/lib/retrofit', '/var/cache/retrofit']:
    ensure => directory,
    mode   => '0755',
  }
  ['retrofit-fetch', 'retrofit-environment', 'retrofit-metrics'].each |$program| {
    file { "/usr/local/lib/retrofit/${program}":
      source => "puppet:///modules/profile/${program}",
      mode   => '0755',
    }
  }
}
