"""A PSA for `bench.rows`: ConnectWise's listings by ascending id, from records that are rendered before it listens.

It is no simulator: it answers what a listing asks for and nothing else, so that no measurement waits for it.
`python -m bench.row_server COMPANIES CONTACTS ASSETS` prints its port. `PUT /change` changes every hundredth record.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = "/v4_6_release/apis/3.0/company/"
CHANGED_SHARE = 100
Record = dict[str, Any]


def company(key: int, version: int) -> Record:
    """A company with the fields that the connector asks for."""
    return {
        "id": key,
        "identifier": f"company{key}",
        "name": f"Company {key} GmbH" if not version else f"Company {key} AG",
        "status": {"id": 1, "name": "Active", "_info": {"status_href": f"https://psa/company/statuses/{1}"}},
        "website": f"www.company{key}.example",
        "deletedFlag": False,
        "_info": {"lastUpdated": _moment(key, version), "updatedBy": "jdoe"},
    }


def contact(key: int, version: int) -> Record:
    """A contact with an e-mail address, and with a number in two of three cases."""
    email = {"id": 2 * key, "type": {"id": 1, "name": "Email"}, "value": f"jane.doe.{key}@example.com"}
    phone = {"id": 2 * key + 1, "type": {"id": 2, "name": "Direct"}, "value": f"555-{key:07d}", "extension": "12"}
    items = [email | {"defaultFlag": True, "communicationType": "Email"}]
    items += [phone | {"defaultFlag": True, "communicationType": "Phone"}] if key % 3 else []
    return {
        "id": key,
        "firstName": "Jane",
        "lastName": f"Doe {key}",
        "types": [{"id": 4, "name": "Approver"}, {"id": 2, "name": "End User"}],
        "title": "Head of Accounting" if not version else "Director",
        "communicationItems": items,
        "addressLine1": f"{key} Main Street",
        "city": "Münster",
        "state": "NW",
        "zip": "48143",
        "country": {"id": 3, "name": "Germany", "_info": {"country_href": "https://psa/company/countries/3"}},
        "inactiveFlag": key % 20 == 0,
        "company": {"id": key % 1000 + 1, "identifier": "company", "name": "Company"},
        "site": {"id": key % 3000 + 1, "name": "Main"},
        "_info": {"lastUpdated": _moment(key, version), "updatedBy": "jdoe"},
    }


def asset(key: int, version: int) -> Record:
    """A machine: most fields are filled in."""
    return {
        "id": key,
        "name": f"WS-{key:06d}",
        "type": {"id": 3, "name": "Workstation", "_info": {"type_href": "https://psa/company/types/3"}},
        "status": {"id": 1, "name": "Active", "_info": {"status_href": "https://psa/company/statuses/1"}},
        "activeFlag": True,
        "manufacturer": {"id": 4, "name": "Dell Inc."},
        "serialNumber": f"SN{key:09d}",
        "osType": "Windows 11 Pro",
        "osInfo": "Windows 11 Pro 23H2, build 22631",
        "purchaseDate": f"20{key % 10 + 10}-04-01T00:00:00Z",
        "warrantyExpirationDate": f"20{key % 10 + 13}-04-01T00:00:00Z",
        "notes": f"Desk {key % 700}; replaced the disk\nand the fan" if key % 2 else "",
        "vendorNotes": f"Version {version}",
        "company": {"id": key % 1000 + 1, "identifier": "company", "name": "Company"},
        "site": {"id": key % 3000 + 1, "name": "Main"},
        **({"contact": {"id": key % 50_000 + 1, "name": "Jane Doe"}} if key % 4 else {}),
        "_info": {"lastUpdated": _moment(key, version), "updatedBy": "jdoe"},
    }


def _moment(key: int, version: int) -> str:
    return f"2026-0{key % 9 + 1}-1{version}T{key % 24:02d}:{key % 60:02d}:{key % 59:02d}Z"


KINDS: dict[str, Callable[[int, int], Record]] = {"companies": company, "contacts": contact, "configurations": asset}


class Handler(BaseHTTPRequestHandler):
    """Answers from `records`: by path, each rendered record; its id is its place, from 1."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    records: dict[str, list[bytes]]

    def do_GET(self) -> None:
        """A page, a count, or where the API is."""
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        name, _, count = address.path.removeprefix(ROOT).partition("/")
        above = re.search(r"id>(\d+)", asked.get("conditions", ""))
        after = int(above[1]) if above else 0
        if name not in self.records:
            self._answer(b'{"Codebase": "v4_6_release/"}')
        elif count:
            self._answer(b'{"count":%d}' % (len(self.records[name]) - after))
        else:
            self._answer(b"[" + b",".join(self.records[name][after : after + int(asked["pageSize"])]) + b"]")

    def do_PUT(self) -> None:
        """Every hundredth record is another."""
        for name, made in KINDS.items():
            records = self.records[name]
            for place in range(0, len(records), CHANGED_SHARE):
                records[place] = rendered(made(place + 1, 1))
        self._answer(b"{}")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: standard output is for the port."""


def rendered(record: Record) -> bytes:
    """As the vendor's servers write it: no blanks, no escapes that are not needed."""
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()


def main(*sizes: int) -> None:
    """Serve until killed."""
    Handler.records = {
        name: [rendered(made(key, 0)) for key in range(1, size + 1)]
        for (name, made), size in zip(KINDS.items(), sizes, strict=True)
    }
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
