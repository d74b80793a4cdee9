# A release's database migrations as a unit that runs once, when it is told to: `systemctl start migration.service`.
#
# @param application what machine.json says of it: name, environment, secrets, artifact
# @param release the release's version
# @param command run in the folder of the unpacked artifact
# @param timeout_seconds how long it may take
class profile::migration (
  Optional[Hash] $application = undef,
  Optional[String[1]] $release = undef,
  String[1] $command = './migrate',
  Integer[1] $timeout_seconds = 3600,
) {
  # An image belongs to no release: its machines fetch theirs when they start.
  unless $facts['retrofit']['image'] {
    if $application =~ Undef or $release =~ Undef {
      fail("Role ${facts['retrofit']['role']} runs migrations: machine.json needs \"application\" and \"release\"")
    }
    exec { 'fetch the artifact':
      command   => '/usr/local/lib/retrofit/retrofit-fetch artifact /etc/retrofit/machine.json',
      unless    => "[ \"$(cat /opt/${application['name']}/${release}/.retrofit-sha256)\" = ${application['artifact']['sha256']} ]",
      provider  => 'shell',
      path      => ['/usr/local/bin', '/usr/bin', '/bin'],
      logoutput => 'on_failure',
      require   => [Class['profile::helpers'], Package['awscli']],
    }
    profile::unit { 'migration.service':
      content => epp('profile/migration.service.epp', {
        'name'            => $application['name'],
        'release'         => $release,
        'command'         => $command,
        'environment'     => if $application['environment'] { $application['environment'] } else { {} },
        'machine'         => $facts['retrofit']['environment'],
        'timeout_seconds' => $timeout_seconds,
      }),
    }
  }
}
