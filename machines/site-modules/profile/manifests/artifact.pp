# The application: fetched, checked against its sum, and run as a unit that can do nothing else.
#
# @param application what machine.json says of it: name, command, port, environment, secrets, artifact
# @param release the release's version
# @param host the address that it listens on
# @param port another port than the one that machine.json names, for what has something in front of it
# @param user whom it runs as; by default a user of its own that nothing else has
# @param folders what it may write to besides its own; it starts when they are mounted
# @param environment variables besides those that machine.json names
# @param memory_max how much memory it may take, in systemd's words; no limit by default
class profile::artifact (
  Optional[Hash] $application = undef,
  Optional[String[1]] $release = undef,
  Pattern[/\A[0-9a-f.:]+\z/] $host = '0.0.0.0',
  Optional[Integer[1, 65535]] $port = undef,
  Optional[Pattern[/\A[a-z][a-z0-9_-]*\z/]] $user = undef,
  Array[Profile::Path] $folders = [],
  Hash[String[1], String] $environment = {},
  Pattern[/\A(infinity|\d+[KMG%]?)\z/] $memory_max = 'infinity',
) {
  # An image belongs to no release: its machines fetch theirs when they start.
  unless $facts['retrofit']['image'] {
    if $application =~ Undef or $release =~ Undef {
      fail("Role ${facts['retrofit']['role']} runs an application: machine.json needs \"application\" and \"release\"")
    }
    $sha256 = $application['artifact']['sha256']
    $folder = "/opt/${application['name']}/${release}"
    exec { 'fetch the artifact':
      command   => '/usr/local/lib/retrofit/retrofit-fetch artifact /etc/retrofit/machine.json',
      unless    => "[ \"$(cat ${folder}/.retrofit-sha256)\" = ${sha256} ]",
      provider  => 'shell',
      path      => ['/usr/local/bin', '/usr/bin', '/bin'],
      logoutput => 'on_failure',
      require   => [Class['profile::helpers'], Package['awscli']],
      notify    => Profile::Unit['application.service'],
    }
    profile::unit { 'application.service':
      content => epp('profile/application.service.epp', {
        'name'        => $application['name'],
        'release'     => $release,
        'folder'      => $folder,
        'sha256'      => $sha256,
        'command'     => $application['command'],
        'host'        => $host,
        'port'        => if $port { $port } else { $application['port'] },
        'user'        => $user,
        # What is mounted for it is there when it starts.
        'folders'     => unique($folders + lookup('profile::mounts::mounts').keys),
        'environment' => $environment + if $application['environment'] { $application['environment'] } else { {} },
        'machine'     => $facts['retrofit']['environment'],
        'memory_max'  => $memory_max,
      }),
      enable  => true,
      running => true,
    }
    # What these tell the application, it reads when it starts.
    Profile::Environment <| |> ~> Profile::Unit['application.service']
  }
}
