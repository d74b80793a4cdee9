# Containers, as Pulumi declares them: brought up at boot, changed by a command from outside, drained before the machine goes.
#
# @param host what `docker` of machine.json says: number of the host, declaration, data disk; without it nothing is started
class profile::containers (
  Optional[Hash[String[1], Data]] $host = undef,
) {
  include profile::docker
  include profile::helpers
  # Images come from ECR by the machine's role, without a password on the disk.
  package { 'amazon-ecr-credential-helper': ensure => installed }
  file { '/root/.docker':
    ensure => directory,
    mode   => '0700',
  }
  file { '/root/.docker/config.json':
    content => profile::to_json({ 'credsStore' => 'ecr-login' }),
    mode    => '0600',
  }
  $programs = ['retrofit-containers', 'retrofit-docker-host', 'retrofit_disk.py', 'retrofit_metadata.py']
  $programs.each |$program| {
    file { "/usr/local/lib/retrofit/${program}":
      source => "puppet:///modules/profile/${program}",
      mode   => '0755',
    }
  }
  if $host {
    $units = {
      'retrofit-containers.service' => ['Containers of this host', 'boot', ['Type=oneshot', 'RemainAfterExit=yes']],
      'retrofit-drain.service'      => ['Drains this host before it goes', 'watch', ['Type=simple']],
    }
    $units.each |$file, $unit| {
      profile::unit { $file:
        content => epp('profile/docker-host.service.epp', {
          'description' => $unit[0],
          'word'        => $unit[1],
          'settings'    => $unit[2],
        }),
        enable  => true,
        running => $file == 'retrofit-drain.service',
        require => [Class['profile::docker'], File[$programs.map |$program| { "/usr/local/lib/retrofit/${program}" }]],
      }
    }
    # At first boot: later boots start it by themselves. Not waited for, since images may take their time.
    exec { 'systemctl start --no-block retrofit-containers.service':
      path    => ['/usr/bin', '/bin'],
      unless  => 'systemctl is-active retrofit-containers.service | grep -q ^activ',
      require => Profile::Unit['retrofit-containers.service'],
    }
  }
}
