"""Protection services and load balancers in front of a PSA: an answer of theirs is not an answer of the PSA."""

from __future__ import annotations

import requests

# By the beginning of the header Server: the service, and the header that holds its id of the request.
SERVICES = {
    "akamaighost": ("Akamai", "X-Reference-Error"),
    "awselb": ("an AWS load balancer", "X-Amzn-Trace-Id"),
    "cloudflare": ("Cloudflare", "CF-RAY"),
    "cloudfront": ("Amazon CloudFront", "X-Amz-Cf-Id"),
    "imperva": ("Imperva", "X-Iinfo"),
    "sucuri": ("Sucuri", "X-Sucuri-ID"),
}


def edge_of(response: requests.Response) -> str:
    """`Cloudflare (id 8a1b2c3d)` when such a service answered by itself; empty when the PSA did.

    The PSA's own answers pass through these services unchanged: they are JSON.
    """
    if "json" in response.headers.get("Content-Type", "").lower():
        return ""
    servers = [one.strip() for one in response.headers.get("Server", "").lower().split(",")]
    for beginning, (name, id_header) in SERVICES.items():
        if any(server.startswith(beginning) for server in servers):
            identity = response.headers.get(id_header, "")
            return f"{name} (id {identity})" if identity else name
    return ""
