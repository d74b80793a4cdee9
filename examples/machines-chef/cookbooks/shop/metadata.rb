name 'shop'
version '1.0.0'
description 'A release of the application behind the load balancer'
chef_version '>= 16.0'
