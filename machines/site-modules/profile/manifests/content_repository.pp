# A place for files over HTTP: read by any machine of the environment, written by PUT and DELETE from the networks named.
#
# @param folder where the files lie, best on a mounted share
# @param port where it listens
# @param writers networks that may write
# @param max_upload_mb the largest file, in MB
class profile::content_repository (
  Profile::Path $folder,
  Integer[1, 65535] $port,
  Array[Pattern[/\A[0-9a-f.:\/]+\z/]] $writers,
  Integer[1] $max_upload_mb,
) {
  # The small build has no WebDAV module.
  package { 'nginx-full': ensure => installed }
  file { '/etc/nginx/sites-enabled/default':
    ensure  => absent,
    require => Package['nginx-full'],
    notify  => Service['nginx'],
  }
  file { [$folder, "${folder}/.incoming"]:
    ensure  => directory,
    owner   => 'www-data',
    group   => 'www-data',
    mode    => '0750',
    require => [Package['nginx-full'], Class['profile::mounts']],
  }
  file { '/etc/nginx/conf.d/content-repository.conf':
    content => epp('profile/content-repository.conf.epp', {
      'folder'        => $folder,
      'port'          => $port,
      'writers'       => $writers,
      'max_upload_mb' => $max_upload_mb,
    }),
    mode    => '0644',
    require => Package['nginx-full'],
    notify  => Service['nginx'],
  }
  service { 'nginx':
    ensure  => running,
    enable  => true,
    restart => '/usr/sbin/nginx -t && /usr/bin/systemctl reload-or-restart nginx',
    require => File[$folder],
  }
}
