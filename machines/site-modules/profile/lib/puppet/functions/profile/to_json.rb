# frozen_string_literal: true

require 'json'

# Data as a JSON document that people can read, keys in order, so that the same data is the same file.
Puppet::Functions.create_function(:'profile::to_json') do
  dispatch :to_json do
    param 'Data', :data
    return_type 'String'
  end

  def to_json(data)
    "#{JSON.pretty_generate(sorted(data))}\n"
  end

  def sorted(data)
    case data
    when Hash then data.sort.to_h { |key, value| [key, sorted(value)] }
    when Array then data.map { |value| sorted(value) }
    else data
    end
  end
end
