# What a service that needs the kernel for itself has to be: running on a machine, left alone in a container.
# @return a value for a service's `ensure`
function profile::running() >> Optional[String] {
  if profile::in_container() { undef } else { 'running' }
}
