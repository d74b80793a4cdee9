# Room to install packages in on a machine with little memory. Part of the foundation: without it a package installation
# on 512 MB may be ended by the kernel.
#
# @param below_mb machines with less memory than this get swap, in MB
# @param size_mb size of the swap file in MB; 0 for none on any machine
# @param file where it lies
class profile::swap (
  Integer[0] $below_mb,
  Integer[0] $size_mb,
  Profile::Path $file,
) {
  $memory_mb = $facts['memory']['system']['total_bytes'] / 1048576
  if $size_mb > 0 and $memory_mb < $below_mb and !profile::in_container() {
    exec { 'make swap file':
      command => "fallocate -l ${size_mb}M ${file} && chmod 0600 ${file} && mkswap ${file}",
      path    => ['/usr/sbin', '/usr/bin', '/sbin', '/bin'],
      creates => $file,
    }
    file { '/etc/systemd/system/swapfile.swap':
      content => "[Unit]\nDescription=Swap file\n[Swap]\nWhat=${file}\n[Install]\nWantedBy=swap.target\n",
      mode    => '0644',
      require => Exec['make swap file'],
    }
    ~> exec { 'use swap file':
      command     => 'systemctl daemon-reload && systemctl enable --now swapfile.swap',
      path        => ['/usr/bin', '/bin'],
      refreshonly => true,
    }
  }
}
