# A content repository: the application behind a door that asks who is there, and a backup each night.
#
# @param folder where everything lies, on the share
# @param port where it is reached
# @param max_upload_mb the largest file, in MB
# @param reader_secret secret with `username` and `password` of those who only read; without it nobody is let in
# @param writer_secret the same of those who write
# @param backup_at when the backup is taken, in systemd's words
# @param backups how many are kept
class profile::content_repository (
  Profile::Path $folder,
  Integer[1, 65535] $port,
  Integer[1] $max_upload_mb,
  String[1] $backup_at,
  Integer[1] $backups,
  Optional[Pattern[/\A[A-Za-z0-9:\/_+=.@-]+\z/]] $reader_secret = undef,
  Optional[Pattern[/\A[A-Za-z0-9:\/_+=.@-]+\z/]] $writer_secret = undef,
) {
  $user = lookup('profile::artifact::user')
  $uid = 1500
  group { $user: gid => $uid, system => true }
  -> user { $user: uid => $uid, gid => $uid, system => true, home => '/nonexistent', shell => '/usr/sbin/nologin' }
  -> file { $folder:
    ensure  => directory,
    owner   => $uid,
    group   => $uid,
    mode    => '0750',
    require => Class['profile::mounts'],
  }
  # On an image there is no application yet.
  File[$folder] -> Profile::Unit <| title == 'application.service' |>

  package { 'nginx-light': ensure => installed }
  file { '/etc/nginx/sites-enabled/default':
    ensure  => absent,
    require => Package['nginx-light'],
    notify  => Service['nginx'],
  }
  file { '/etc/nginx/conf.d/content-repository.conf':
    content => epp('profile/content-repository.conf.epp', {
      'port'          => $port,
      'backend'       => lookup('profile::artifact::port'),
      'max_upload_mb' => $max_upload_mb,
    }),
    mode    => '0644',
    require => Package['nginx-light'],
    notify  => Service['nginx'],
  }
  file { '/usr/local/lib/retrofit/retrofit-repository':
    source  => 'puppet:///modules/profile/retrofit-repository',
    mode    => '0755',
    require => Class['profile::helpers'],
  }
  $secrets = [$reader_secret, $writer_secret].filter |$secret| { $secret =~ NotUndef }
  # Who may log in is asked each time the door opens: a new password is one restart away.
  file { '/etc/systemd/system/nginx.service.d':
    ensure => directory,
  }
  -> file { '/etc/systemd/system/nginx.service.d/10-users.conf':
    content => epp('profile/content-repository-users.conf.epp', { 'secrets' => $secrets }),
    notify  => [Class['profile::systemd'], Service['nginx']],
  }
  service { 'nginx':
    ensure  => running,
    enable  => true,
    restart => '/usr/sbin/nginx -t && /usr/bin/systemctl restart nginx',
    require => [Class['profile::systemd'], File['/usr/local/lib/retrofit/retrofit-repository'], Package['awscli']],
  }

  profile::unit { 'repository-backup.service':
    content => epp('profile/repository-backup.service.epp', { 'folder' => $folder, 'backups' => $backups }),
  }
  profile::unit { 'repository-backup.timer':
    content => epp('profile/repository-backup.timer.epp', { 'at' => $backup_at }),
    enable  => true,
    running => true,
    require => Profile::Unit['repository-backup.service'],
  }
}
