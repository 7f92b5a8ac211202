"""Which names of custom fields speak of secrets."""

from __future__ import annotations

import pytest

from include.connectors.common.secret_names import is_secret_name

SECRET = """
Local Admin Password|adminPassword|ADMIN_PASSWORD|Passwort|passwd1|Pass|PW:|WLAN pw|pwd|Passphrase|Kennwort
API Key|API_Key|APIKey|apikey|WiFi key|Encryption Key|Recovery Keys|Portal-Key|SSHKey|Key|Product key
Alarm Code|PinCode|pincode|PIN:|PIN1|Door code 2|Gate Codes|Key safe code|SIM PUK
BitLocker|Bitlocker ID|TOTP seed|O365 token|MFA|2FA|2FA backup|WPA2|wifi_psk|Client secret|Credentials
SNMP Community|community string|snmpcommunity
"""
OPEN = """
Monkey|Keyboard|Hotkeys|Key contact|Key account manager|Key Dates|Turnkey
Postal code|PostalCode|Postcode|Zip code|Country code|ISO country code|Area code|Barcode|Error Codes|Encoder
Passport No.|Secretary|Shipping|Tokenring|Opinion|Communities|Bypass window|Pinned|Asset Tag|顧客管理番号
"""


def names(listed: str) -> list[str]:
    return [name for line in listed.strip().splitlines() for name in line.split("|")]


@pytest.mark.parametrize("name", names(SECRET))
def test_a_name_that_speaks_of_secrets_is_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", [*names(OPEN), "", "7"])
def test_a_name_that_only_looks_like_one_is_not_taken_for_it(name: str) -> None:
    assert not is_secret_name(name)
