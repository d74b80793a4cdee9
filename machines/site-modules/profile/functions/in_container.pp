# Whether this machine shares its kernel with others: then clock, swap, kernel settings and audit are not its to manage.
# @return true in a container
function profile::in_container() >> Boolean {
  $facts['virtual'] in ['systemd_nspawn', 'docker', 'podman', 'lxc', 'openvz', 'container_other']
}
