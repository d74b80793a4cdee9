# Tells systemd of new units. Whoever writes a unit notifies this class; whoever runs one requires it.
class profile::systemd {
  exec { 'systemctl daemon-reload':
    path        => ['/usr/bin', '/bin'],
    refreshonly => true,
  }
}
