# Where packages come from, and how patient the package manager is. Part of the foundation.
#
# @param snapshot a time such as 20260101T000000Z: packages are those that Debian had then, so that machines built at any
#   time are alike. Without it they are today's, with today's security updates.
class profile::package_sources (
  Optional[Pattern[/\A\d{8}T\d{6}Z\z/]] $snapshot = undef,
) {
  if $facts['os']['family'] == 'Debian' {
    file { '/etc/apt/apt.conf.d/90retrofit':
      content => "// Managed by Puppet.\nAcquire::Retries \"5\";\nAPT::Install-Recommends \"false\";\nDPkg::Lock::Timeout \"300\";\n",
      mode    => '0644',
    }
    if $snapshot {
      $codename = $facts['os']['distro']['codename']
      $debian = "http://snapshot.debian.org/archive/debian/${snapshot}"
      $security = "http://snapshot.debian.org/archive/debian-security/${snapshot}"
      file { '/etc/apt/sources.list.d/debian.sources': ensure => absent }
      file { '/etc/apt/sources.list':
        content => epp('profile/sources.list.epp', {
          'debian'   => $debian,
          'security' => $security,
          'codename' => $codename,
        }),
        mode    => '0644',
        notify  => Exec['read package lists'],
      }
    }
    exec { 'read package lists':
      command     => 'apt-get update',
      path        => ['/usr/bin', '/bin'],
      refreshonly => true,
    }
  }
}
