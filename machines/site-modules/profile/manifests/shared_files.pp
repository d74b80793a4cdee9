# The safe ways to write files that several machines share, for applications to call: `retrofit-shared --help`.
class profile::shared_files {
  file { '/usr/local/bin/retrofit-shared':
    source => 'puppet:///modules/profile/retrofit-shared',
    mode   => '0755',
  }
}
