# One word of a systemd unit, whatever characters are in it.
# @param word what has to arrive as it is
# @return the word in quotes, with what systemd would read as its own taken out of its meaning
function profile::systemd_quote(String $word) >> String {
  $escaped = $word.split('').map |$character| {
    $character ? {
      "\\"    => '\\\\',
      '"'     => '\\"',
      '%'     => '%%',
      "\n"    => '\\n',
      default => $character,
    }
  }
  "\"${join($escaped)}\""
}
