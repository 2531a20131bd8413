"""The gateway: one origin in front of the four services."""

from __future__ import annotations

import getpass
import grp
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from stack.packages import SystemParts
from stack.processes import Command

#: Who answers what, by the beginning of the path.
PREFIXES: Mapping[str, tuple[str, ...]] = {
    "artifacts": ("/v1/artifacts", "/v1/students", "/v1/schools", "/v1/staff", "/v1/skills", "/v1/roster"),
    "scoring": ("/v1/scoring", "/v1/rubrics"),
    "defenses": (
        "/v1/readiness",
        "/v1/defenses",
        "/v1/schedule-runs",
        "/v1/season-runs",
        "/v1/availability",
        "/v1/family-windows",
        "/v1/opportunity-gaps",
        "/v1/swaps",
        "/v1/repairs",
        "/v1/fairness",
        "/v1/calendars",
        "/v1/calendar-feeds",
        "/v1/hearings",
        "/v1/panelists",
        "/v1/outcomes",
        "/v1/redefenses",
        "/v1/rescorings",
        "/v1/comparisons",
        "/v1/milestones",
        "/v1/milestone-events",
        "/v1/journey",
    ),
    "notifications": (
        "/v1/messages",
        "/v1/guardians",
        "/v1/unreached",
        "/v1/previews",
        "/v1/family-feeds",
        "/v1/family-calendars",
        "/webhooks/",
    ),
}

#: What every service has under the same path; here with the service's name before it.
COMMON = ("openapi.json", "readyz", "livez", "metrics")

#: Above every district's limit, which the artifacts service checks while it reads.
BODY_LIMIT = "2g"

_MAIN = Template("""\
$user
worker_processes 1;
daemon off;
pid $directory/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
    default_type application/octet-stream;
    # Whoever has the address of a calendar may read it, so none is written down.
    map $$uri $$logged_path {
        default $$uri;
        "~^(?<calendars>/v1/(family-)?calendars/)" "$${calendars}...";
    }
    log_format json escape=json '{"time":"$$time_iso8601","method":"$$request_method","path":"$$logged_path",'
        '"status":$$status,"bytes":$$bytes_sent,"seconds":$$request_time,"upstream":"$$upstream_addr"}';
    access_log $directory/access.log json;
    server_tokens off;
    client_body_temp_path $directory/body;
    proxy_temp_path $directory/proxy;
    fastcgi_temp_path $directory/fastcgi;
    uwsgi_temp_path $directory/uwsgi;
    scgi_temp_path $directory/scgi;
    client_max_body_size $body_limit;
    # An upload goes through as it comes: the service reads it piece by piece and may refuse it early.
    proxy_request_buffering off;
    proxy_max_temp_file_size 0;
    proxy_http_version 1.1;
    proxy_set_header Host $$http_host;
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $$remote_addr;
    proxy_set_header X-Forwarded-Proto $$scheme;
    proxy_read_timeout 120s;
$upstreams
    server {
        listen 127.0.0.1:$port;
        error_page 404 = @unknown;
        error_page 413 = @too_large;
        error_page 502 503 504 = @unavailable;
        location = / { default_type text/html; return 200 '$index'; }
$locations
        location / { return 404; }
        location @unknown { default_type application/problem+json; return 404 '$unknown'; }
        location @too_large { default_type application/problem+json; return 413 '$too_large'; }
        location @unavailable { default_type application/problem+json; return 503 '$unavailable'; }
    }
}
""")

# A service is named twice: a connection that a stopping process resets is then tried once more.
_UPSTREAM = """\
    upstream {name} {{
        server 127.0.0.1:{port} max_fails=0;
        server 127.0.0.1:{port} max_fails=0;
    }}"""


@dataclass(frozen=True)
class Gateway:
    """One nginx.

    Attributes:
        directory: its configuration, logs and temporary files.
        services: the port of each service.
        pages: addresses for people, by what they are, for the first page.
    """

    directory: Path
    port: int
    parts: SystemParts
    services: Mapping[str, int]
    pages: Mapping[str, str]

    @property
    def url(self) -> str:
        """Return its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> Command:
        """Return the command of the gateway."""
        argv = (str(self.parts.nginx), "-p", str(self.directory), "-e", "stderr", "-c", "nginx.conf")
        return Command("gateway", argv, self.directory, {**self.parts.environment(), "LANG": "C.UTF-8"})


def write_files(gateway: Gateway) -> None:
    """Write the gateway's configuration."""
    gateway.directory.mkdir(parents=True, exist_ok=True)
    (gateway.directory / "nginx.conf").write_text(configuration(gateway))


def configuration(gateway: Gateway) -> str:
    """Return nginx.conf."""
    return _MAIN.substitute(
        user=_user(),
        directory=gateway.directory,
        port=gateway.port,
        body_limit=BODY_LIMIT,
        upstreams="\n".join(
            _UPSTREAM.format(name=name, port=port) for name, port in sorted(gateway.services.items())
        ),
        locations="\n".join(f"        {location}" for location in _locations()),
        index=_index(gateway.pages),
        unknown=_problem(404, "Not found", "No service answers this path."),
        too_large=_problem(413, "Content too large", f"The gateway takes no more than {BODY_LIMIT}."),
        unavailable=_problem(503, "Service unavailable", "The service behind this path does not answer now."),
    )


def _user() -> str:
    """Return who the workers are: as root, nginx would else become somebody who may not enter our folders."""
    if os.geteuid() != 0:
        return ""
    return f"user {getpass.getuser()} {grp.getgrgid(os.getegid()).gr_name};"


def _locations() -> list[str]:
    own = [
        f"location {prefix} {{ proxy_pass http://{name}; }}"
        for name, prefixes in PREFIXES.items()
        for prefix in prefixes
    ]
    common = [
        f"location = /{name}/{path} {{ proxy_pass http://{name}/{path}; }}"
        for name in PREFIXES
        for path in COMMON
    ]
    return own + common


def _index(pages: Mapping[str, str]) -> str:
    links = {**pages, **{f"API of {name}": f"/{name}/openapi.json" for name in PREFIXES}}
    items = "".join(f'<li><a href="{address}">{what}</a></li>' for what, address in links.items())
    return f'<!doctype html><html lang="en"><title>Backpack</title><h1>Backpack</h1><ul>{items}</ul></html>'


def _problem(status: int, title: str, detail: str) -> str:
    return json.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail})
