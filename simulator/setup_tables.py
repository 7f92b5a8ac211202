"""The lists an MSP sets up once: statuses, types, boards, priorities, custom fields, technicians.

As in an account that is some years old, ids have gaps and are not in name order, names repeat, and some entries are
inactive.
"""

from __future__ import annotations

from simulator.entities import AssetStatus, AssetType, CompanyType, ContactType, CustomField, Status
from simulator.sample_data import CONTACT_TYPES
from simulator.ticket_entities import Board, BoardStatus, Member, Priority

# Rows refer to these ids, but no table has them: the status or the technician was deleted, and the rows were kept.
DELETED_STATUS_ID = 99
DELETED_ASSET_STATUS_ID = 77
DELETED_MEMBER_ID = 666

STATUSES = (
    Status(1, "Active", is_default=True),
    Status(2, "Prospect"),
    Status(4, "On Hold (crédit)"),
    Status(5, "Inactive", is_active=False),
    Status(9, "Inactive", is_active=False),
    Status(12, "Not Approved "),
)
COMPANY_TYPES = (
    CompanyType(1, "Client"),
    CompanyType(3, "Prospect"),
    CompanyType(4, "Vendor"),
    CompanyType(8, "Managed · Gold"),
    CompanyType(11, "Former Client"),
)
ASSET_TYPES = (
    AssetType(1, "Workstation"),
    AssetType(2, "Laptop"),
    AssetType(4, "Server"),
    AssetType(7, "Network Device"),
    AssetType(9, "Printer"),
    AssetType(12, "Licence"),
    AssetType(15, "SSL Certificate"),
    AssetType(16, "IP 電話"),
)
ASSET_STATUSES = (
    AssetStatus(1, "Active", is_default=True),
    AssetStatus(2, "In Stock"),
    AssetStatus(5, "Retired", is_closed=True),
    AssetStatus(6, "Lost / Stolen", is_closed=True),
    AssetStatus(8, "Décommissionné", is_closed=True),
)
TIERS = ("None", "Bronze", "Silver", "Gold")
CUSTOM_FIELDS = (
    CustomField(3, "company", "Account Manager", "Text"),
    CustomField(4, "company", "Contract Value", "Currency"),
    CustomField(5, "company", "NPS", "Number"),
    CustomField(10, "asset", "Asset Tag", "Text"),
    CustomField(11, "asset", "Backup Tier", "Text", "List", TIERS),
    CustomField(12, "asset", "RAM (GB)", "Number"),
    CustomField(13, "asset", "Disk used", "Percent"),
    CustomField(14, "asset", "Lease cost", "Currency"),
    CustomField(15, "asset", "Lease ends", "Date", "Date"),
    CustomField(16, "asset", "Managed", "Checkbox", "Option"),
    CustomField(17, "asset", "Admin page", "Hyperlink"),
    CustomField(18, "asset", "Management IP", "IPAddress"),
    CustomField(19, "asset", "Local Admin Password", "Password"),
    CustomField(21, "asset", "Größe (Zoll) ", "Number"),
    CustomField(22, "asset", "Remarks", "Text"),
    CustomField(24, "asset", "Remarks", "TextArea"),
    CustomField(25, "asset", "顧客管理番号", "Text"),
    CustomField(30, "contact", "Preferred language", "Text", "List", ("English", "Français", "日本語")),
    CustomField(31, "contact", "Newsletter", "Checkbox", "Option"),
    CustomField(33, "contact", "Badge number", "Number"),
    CustomField(36, "contact", "Remarks", "TextArea"),
    CustomField(40, "site", "Gate code", "Text"),
    CustomField(50, "ticket", "Change window", "Date", "Date"),
    CustomField(51, "ticket", "Root cause", "Text"),
)
BOARDS = (
    Board(1, "Service Desk"),
    Board(4, "Alerts (RMM)"),
    Board(6, "Projets & Déploiement", is_project=True),
    Board(7, "Old Help Desk", is_active=False),
    Board(11, "Internal / HR"),
)
STATUS_NAMES = ("New", "In Progress", "Waiting on Customer", "Completed", "Closed")
PRIORITIES = (
    Priority(4, "Priority 3 - Normal", "Green", 3, "Medium"),
    Priority(6, "Priority 1 - Emergency", "Red", 1, "Critical"),
    Priority(7, "Priority 2 - Quick", "Orange", 2, "High"),
    Priority(8, "Priority 4 - Scheduled"),
    Priority(13, "Niedrig", None, 6, "Low"),
)
MEMBERS = (
    Member(101, "jdoe", "Jane", "Doe", "jane.doe@msp.example"),
    Member(104, "mlopez", "Miguel", "López", "miguel.lopez@msp.example"),
    Member(107, "kchan", "Kit", "陳", "kit.chan@msp.example"),
    Member(110, "oldtimer", "Bob", "Gone", "bob.gone@msp.example", is_active=False),
    Member(115, "dispatch", "Dis", "Patch", "dispatch@msp.example"),
)


def contact_types() -> tuple[ContactType, ...]:
    """The contact types; their ids do not start at one."""
    return tuple(ContactType(id_, name) for id_, name in enumerate(CONTACT_TYPES, start=2))


def board_statuses() -> tuple[BoardStatus, ...]:
    """The statuses of every board. On one board, "Closed" is not marked as a closed status."""
    return tuple(
        BoardStatus(
            id=board.id * 50 + place * 3,
            board_id=board.id,
            name=name,
            sort_order=place * 10,
            is_closed=(name == "Closed" and board.id != 4) or (name == "Completed" and board.is_project),
            is_active=not (board.id == 1 and name == "Completed"),
            is_default=place == 0,
        )
        for board in BOARDS
        for place, name in enumerate(STATUS_NAMES)
    )
