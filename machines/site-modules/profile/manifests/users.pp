# People with an account of their own. None by default: SSM Session Manager lets administrators in without a key.
#
# @param accounts by name: their public keys, and whether they may become root
class profile::users (
  Hash[Pattern[/\A[a-z][a-z0-9_-]{0,30}\z/], Struct[{
    keys           => Array[String[1]],
    Optional[sudo] => Boolean,
  }]] $accounts,
) {
  package { 'sudo': ensure => installed }
  $accounts.each |$name, $account| {
    user { $name:
      ensure     => present,
      managehome => true,
      shell      => '/bin/bash',
      password   => '!',
    }
    file { "/home/${name}/.ssh":
      ensure  => directory,
      owner   => $name,
      mode    => '0700',
      require => User[$name],
    }
    file { "/home/${name}/.ssh/authorized_keys":
      content => join($account['keys'] + [''], "\n"),
      owner   => $name,
      mode    => '0600',
    }
    file { "/etc/sudoers.d/retrofit-${name}":
      ensure       => if $account['sudo'] { 'file' } else { 'absent' },
      content      => "${name} ALL=(ALL) NOPASSWD: ALL\n",
      mode         => '0440',
      validate_cmd => '/usr/sbin/visudo -cf %',
      require      => Package['sudo'],
    }
  }
}
