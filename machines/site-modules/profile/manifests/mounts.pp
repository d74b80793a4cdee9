# Files that machines share, mounted where the application looks for them.
#
# @param mounts by folder: what is mounted there. `efs` and `s3files` need efs-utils and `mountpoint` needs mount-s3, which are
#   no packages of Debian: an image brings them. `s3` is s3fs.
class profile::mounts (
  Hash[Profile::Path, Struct[{
    type              => Enum['nfs', 'efs', 's3', 's3files', 'mountpoint'],
    source            => Pattern[/\A[A-Za-z0-9.:_\/-]+\z/],
    Optional[options] => Pattern[/\A[A-Za-z0-9=,._:\/-]+\z/],
  }]] $mounts,
) {
  $packages = {
    'nfs'        => 'nfs-common',
    'efs'        => 'amazon-efs-utils',
    's3'         => 's3fs',
    's3files'    => 'amazon-efs-utils',
    'mountpoint' => 'mount-s3',
  }
  $defaults = {
    'nfs'        => 'nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,nosuid,nodev,_netdev',
    'efs'        => 'tls,iam,noresvport,nosuid,nodev,_netdev',
    's3'         => 'iam_role=auto,use_path_request_style,use_sse=kmsid,allow_other,nosuid,nodev,_netdev',
    's3files'    => 'nosuid,nodev,_netdev',
    'mountpoint' => 'sse=aws:kms,allow-other,allow-overwrite,allow-delete,nosuid,nodev,_netdev',
  }
  $types = {
    'nfs'        => 'nfs4',
    'efs'        => 'efs',
    's3'         => 'fuse.s3fs',
    's3files'    => 's3files',
    'mountpoint' => 'mount-s3',
  }
  $wanted = unique($mounts.values.map |$mount| { $packages[$mount['type']] })
  package { $wanted: ensure => installed }
  unless $mounts.empty { include profile::shared_files }
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
