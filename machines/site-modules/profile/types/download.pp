# A file of the operator's mirror. It is used only with the sum that it is known by.
type Profile::Download = Struct[{
  url    => Pattern[/\Ahttps?:\/\/[A-Za-z0-9._~:\/?%&=+-]+\z/],
  sha256 => Pattern[/\A[0-9a-f]{64}\z/],
}]
