"""The names, places, devices and texts that the generators choose from."""

# ruff: noqa: RUF001  # letters that look like Latin ones are the point
from __future__ import annotations

from dataclasses import dataclass

COMPANY_WORDS = (
    "Northwind", "Harbor", "Bluestone", "Cedar", "Summit", "Riverside", "Pioneer", "Liberty", "Granite", "Lakeside",
    "Evergreen", "Keystone", "Beacon", "Copper", "Sterling", "Orchard", "Falcon", "Meridian", "Prairie", "Atlas",
    "Münster", "Château", "Åkerman", "Córdoba", "Łódź", "Smith & Sons", "O'Brien", "Van der Berg", "Zürich", "Nakamura",
)  # fmt: skip
COMPANY_TRADES = (
    "Dental", "Logistics", "Law", "Accounting", "Foods", "Insurance", "Veterinary", "Engineering", "Construction",
    "Realty", "Pharmacy", "Printing", "Brewing", "Motors", "Architects", "Credit Union", "Charter School", "Church",
)  # fmt: skip
COMPANY_ENDINGS = ("Inc.", "LLC", "Group", "Partners", "Ltd", "GmbH", "& Co.", "S.A.", "Associates", "Holdings")
ODD_COMPANY_NAMES = (
    "Acme Dental", "Acme Dental", "  Padded Name Ltd ", "株式会社東京データ", "ООО Ромашка", "شركة الأفق للتقنية",
    "Café Zoë 🍰", "\"Quoted\" Systems", "100% Organic, LLC", "Tab\tSeparated Services", "Line\nBreak Partners",
    "A Very Long Company Name That Somebody Typed Without Minding Any Limit At All, Incorporated In Delaware",
)  # fmt: skip

FIRST_NAMES = (
    "James", "Maria", "John", "Aisha", "Robert", "Linda", "Wei", "Priya", "Sarah", "Tom", "Chloé", "José", "Zoë",
    "Søren", "Anne-Marie", "Fatima", "Олег", "美咲", "محمد", "Siobhán", "Bjørn", "D'Andre", "Mary Jo", "Ngọc",
)  # fmt: skip
LAST_NAMES = (
    "Smith", "Johnson", "Garcia", "Nguyen", "Patel", "O'Neil", "Müller", "Kowalski", "van den Heuvel", "Ibrahim",
    "Jensen", "Rossi", "Иванов", "田中", "الحسن", "Lopez-Ruiz", "Brown", "Jones", "Williams", "Davis", "Íñiguez",
)  # fmt: skip
TITLES = (
    "Owner", "Office Manager", "Controller", "Head of IT", "Receptionist", "Partner", "CFO", "Geschäftsführer",
    "Practice Manager", "Sr. Vice President of Operations, Facilities & Everything Else Nobody Wanted To Do",
)  # fmt: skip
CONTACT_TYPES = ("Decision Maker", "Billing", "End User", "Technical", "Approver", "VIP ★")
EMAIL_KINDS = ("Email", "Personal Email")
PHONE_KINDS = ("Direct", "Cell", "Home", "Fax")

SITE_NAMES = (
    "Main",
    "Warehouse",
    "Branch Office",
    "Downtown",
    "Clinic",
    "Plant 2",
    "Datacenter",
    "Büro Süd",
    "本社",
    "Lab",
)
STREETS = (
    "Main St",
    "Oak Ave",
    "High Street",
    "Industrial Pkwy",
    "2nd Ave N",
    "Königstraße",
    "Rue de l'Église",
    "Elm Ct",
)
LINES2 = ("Suite 200", "Floor 3", "Unit B", "c/o Reception", "Gebäude 7")


@dataclass(frozen=True, slots=True)
class Place:
    """A city, and the rest of an address there; `state` is None where addresses have none."""

    city: str
    state: str | None
    postal_code: str
    country: str


COUNTRIES = {
    "United States": "US", "Canada": "CA", "United Kingdom": "GB", "Germany": "DE", "Japan": "JP", "Australia": "AU",
    "France": "FR",
}  # fmt: skip
STATES = {
    "TX": ("Texas", "United States"), "CA": ("California", "United States"), "NY": ("New York", "United States"),
    "FL": ("Florida", "United States"), "QC": ("Québec", "Canada"), "ON": ("Ontario", "Canada"),
    "NSW": ("New South Wales", "Australia"),
}  # fmt: skip
PLACES = (
    Place("Austin", "TX", "78701", "United States"), Place("San José", "CA", "95112", "United States"),
    Place("New York", "NY", "10001-2345", "United States"), Place("Tampa", "FL", "33602", "United States"),
    Place("Montréal", "QC", "H2Y 1C6", "Canada"), Place("Toronto", "ON", "M5V 2T6", "Canada"),
    Place("Sydney", "NSW", "2000", "Australia"), Place("Leeds", None, "LS1 4AP", "United Kingdom"),
    Place("Köln", None, "50667", "Germany"), Place("東京", None, "100-0001", "Japan"),
    Place("Lyon", None, "69002", "France"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Device:
    """A kind of device that assets are instances of."""

    type_id: int
    prefix: str  # the names of its assets start with it
    manufacturer: str | None
    models: tuple[str, ...]
    systems: tuple[str, ...] = ()  # operating systems


DEVICES = (
    Device(1, "WS", "Dell", ("OptiPlex 7090", "Precision 3660"), ("Microsoft Windows 11 Pro x64", "Windows 10 Pro")),
    Device(1, "PC", "HP", ("EliteDesk 800 G6",), ("Microsoft Windows 11 Pro x64",)),
    Device(2, "LT", "Lenovo", ("ThinkPad X1 Carbon Gen 9", "ThinkPad T14"), ("Microsoft Windows 11 Pro x64",)),
    Device(2, "MBP", "Apple", ('MacBook Pro 14"',), ("macOS 14.5", "macOS 15")),
    Device(
        4, "SRV", "Dell", ("PowerEdge R650",), ("Windows Server 2022 Standard", "Ubuntu 22.04 LTS", "VMware ESXi 8")
    ),
    Device(7, "SW", "Ubiquiti", ("USW-48-PoE",)),
    Device(7, "FW", "Fortinet", ("FortiGate 60F",), ("FortiOS",)),
    Device(9, "PRN", "Brother", ("HL-L6400DW",)),
    Device(12, "M365 Business Premium", "Microsoft", ("CFQ7TTC0LCHC",)),
    Device(15, "CERT", None, ("Wildcard certificate",)),
    Device(16, "電話", "Yealink", ("T54W",)),
)
MANUFACTURERS = tuple(sorted({device.manufacturer for device in DEVICES if device.manufacturer}))

NOTES = (
    "Moved to the back office.", "User reports slow boot; RAM upgraded.\r\nSee ticket.", "⚠ do not reboot before 18:00",
    "Leihgerät, Rückgabe im März", "שרת ישן, להחליף", "Tab\tand \"quotes\", commas; semicolons", "x" * 4000,
)  # fmt: skip
TICKET_SUMMARIES = (
    "Cannot print to the second-floor printer", "New starter on Monday: laptop and mailbox", "VPN drops every hour",
    "Password reset", "Outlook asks for credentials again and again", "[ALERT] Backup failed on SRV-02",
    "Ordinateur très lent", "<script>alert('hello')</script> on the intranet page", "メールが届かない", "Disk 95% full",
)  # fmt: skip
TICKET_TEXTS = (
    "Called the user, left a voicemail.", "**Fixed** by reinstalling the driver.\n\n- removed old queue\n- rebooted",
    "Please hurry, the whole team is waiting!", "<img src=x onerror=alert(1)> was in the forwarded mail",
    "Escalated to the vendor, reference 4711.", "La imprimante funciona de nuevo. ¡Gracias! 🎉",
    "Log attached.\n" + "line\n" * 300,
)  # fmt: skip
TICKET_DESCRIPTIONS = (
    "It worked yesterday. Since this morning nothing comes out, and the display says “offline”.",
    "Hello,\n\nthe new colleague starts on Monday and needs a laptop, a mailbox and the shared drive.\n\nThanks!",
    "Raised by monitoring.\nHost: SRV-02\nCheck: nightly backup\nState: CRITICAL",
    "Bonjour, mon ordinateur est très lent depuis la dernière mise à jour. Merci d'avance !",
    "お世話になっております。\nメールが届きません。ご確認ください。",
    "A forwarded mail said: <b>your mailbox is full</b> & <a href='javascript:alert(1)'>click here</a>. Is it real?",
)
TICKET_ATTACHMENTS = ("screenshot.png", "error log.txt", "Angebot – Müller & Co.pdf", "<photo>.jpg")
