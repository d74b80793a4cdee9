# A program that Debian does not have, unpacked from the operator's mirror into a folder named by its sum.
#
# @param download where the archive is, and its sum
# @param folder where it goes
define profile::program (
  Profile::Download $download,
  Profile::Path $folder,
) {
  include profile::helpers
  exec { "unpack ${title}":
    command => "/usr/local/lib/retrofit/retrofit-fetch program '${download['url']}' ${folder} --sha256 ${download['sha256']}",
    creates => $folder,
    timeout => 1800,
    require => Class['profile::helpers'],
  }
}
