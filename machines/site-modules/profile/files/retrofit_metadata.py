"""Asks EC2 about the machine itself, in the way that needs a token first."""
import urllib.request

SERVICE = "http://169.254.169.254/latest/"


def metadata(path):
    token = urllib.request.Request(SERVICE + "api/token", method="PUT",
                                   headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    secret = urllib.request.urlopen(token, timeout=5).read().decode()
    request = urllib.request.Request(SERVICE + "meta-data/" + path, headers={"X-aws-ec2-metadata-token": secret})
    return urllib.request.urlopen(request, timeout=5).read().decode()
