# Docker, closed: containers do not reach each other, run as users that the machine does not know, gain no privileges,
# survive a restart of the daemon, and have limits on files and processes.
#
# @param daemon the daemon's configuration
# @param remap_user the account whose subordinate ids containers run under
class profile::docker (
  Hash[String[1], Data] $daemon,
  Pattern[/\A[a-z][a-z0-9_-]*\z/] $remap_user,
) {
  # Before the package: it starts the daemon at once, which has to find its configuration.
  user { $remap_user:
    ensure => present,
    system => true,
    shell  => '/usr/sbin/nologin',
    home   => '/nonexistent',
  }
  ['subuid', 'subgid'].each |$file| {
    exec { "${file} of ${remap_user}":
      command => "echo '${remap_user}:1000000:65536' >> /etc/${file}",
      path    => ['/usr/bin', '/bin'],
      unless  => "grep -q '^${remap_user}:1000000:65536$' /etc/${file}",
      require => User[$remap_user],
      before  => Package['docker.io'],
    }
  }
  file { '/etc/docker':
    ensure => directory,
    mode   => '0755',
  }
  file { '/etc/docker/daemon.json':
    content => profile::to_json($daemon + { 'userns-remap' => $remap_user }),
    mode    => '0644',
    before  => Package['docker.io'],
  }
  package { ['docker.io', 'iptables', 'apparmor']: ensure => installed }
  service { 'docker':
    ensure    => profile::running(),
    enable    => true,
    require   => Package['docker.io'],
    subscribe => if profile::in_container() { undef } else { File['/etc/docker/daemon.json'] },
  }
}
