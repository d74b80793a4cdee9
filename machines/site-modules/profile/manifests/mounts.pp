# Files that machines share, mounted where the application looks for them.
#
# @param mounts by folder: what is mounted there, an NFS share (EFS) or a bucket
class profile::mounts (
  Hash[Profile::Path, Struct[{
    type              => Enum['nfs', 's3'],
    source            => Pattern[/\A[A-Za-z0-9.:_\/-]+\z/],
    Optional[options] => Pattern[/\A[A-Za-z0-9=,._:\/-]+\z/],
  }]] $mounts,
) {
  $packages = { 'nfs' => 'nfs-common', 's3' => 's3fs' }
  $defaults = {
    'nfs' => 'nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,nosuid,nodev,_netdev',
    's3'  => 'iam_role=auto,use_path_request_style,allow_other,nosuid,nodev,_netdev',
  }
  $types = { 'nfs' => 'nfs4', 's3' => 'fuse.s3fs' }
  $wanted = unique($mounts.values.map |$mount| { $packages[$mount['type']] })
  package { $wanted: ensure => installed }
  $mounts.each |$folder, $mount| {
    # systemd names a mount unit by its folder: a hyphen for each slash, hyphens themselves written out.
    $unit = regsubst(regsubst(regsubst($folder, '\A/+|/+\z', '', 'G'), '-', '\\x2d', 'G'), '/', '-', 'G')
    exec { "make ${folder}":
      command => "mkdir -p ${folder}",
      path    => ['/usr/bin', '/bin'],
      creates => $folder,
    }
    -> profile::unit { "${unit}.mount":
      content => epp('profile/mount.epp', {
        'folder'  => $folder,
        'source'  => $mount['source'],
        'type'    => $types[$mount['type']],
        'options' => if $mount['options'] { $mount['options'] } else { $defaults[$mount['type']] },
      }),
      enable  => true,
      running => !profile::in_container(),
      require => Package[$packages[$mount['type']]],
    }
  }
}
