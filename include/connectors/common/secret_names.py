"""Which custom fields hold secrets: only their names show it."""

from __future__ import annotations

import re

HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")  # PinCode, APIKey
WORD = re.compile(r"2fa|[^\W\d_]+")
SECRETS = frozenset(
    {
        *("2fa", "community", "credential", "credentials", "mfa", "otp", "pass", "pin", "pins", "psk", "puk", "pw"),
        *("pwd", "secret", "secrets", "token", "tokens", "totp", "wep", "wpa"),
    }
)
PARTS = (  # of words that are written in one
    *("accesscode", "accesskey", "alarmcode", "apikey", "bitlocker", "doorcode", "encryptionkey", "kennwort"),
    *("passcode", "passphrase", "passw", "pincode", "portalkey", "privatekey", "recoverykey", "secretkey"),
    *("snmpcommunity", "sshkey", "wifikey"),
)
OPEN_CODES = frozenset(  # "Zip code": what stands before a code that is none of a door
    {
        *("account", "area", "asset", "bar", "client", "color", "colour", "company", "cost", "country", "currency"),
        *("customer", "department", "dial", "dialing", "dialling", "error", "item", "language", "location", "part"),
        *("post", "postal", "product", "qr", "region", "service", "sic", "site", "sort", "source", "state", "status"),
        *("tax", "vat", "zip"),
    }
)
OPEN_KEYS = frozenset(  # "Key contact": what stands behind a key that is none of a lock
    {
        *("account", "accounts", "client", "clients", "contact", "contacts", "customer", "customers", "date", "dates"),
        *("people", "person", "personnel", "user", "users"),
    }
)


def is_secret_name(name: str) -> bool:
    """Whether a field of this name is taken to hold secrets, also where the name only may mean that."""
    words = _words(HUMP.sub(" ", name))
    in_one = [*words, *_words(name)]
    padded = ["", *words, ""]
    return any(part in word for word in in_one for part in PARTS) or any(
        word in SECRETS
        or (word in ("code", "codes") and before not in OPEN_CODES)
        or (word in ("key", "keys") and behind not in OPEN_KEYS)
        for before, word, behind in zip(padded, words, padded[2:], strict=False)
    )


def _words(name: str) -> list[str]:
    return WORD.findall(name.casefold())
