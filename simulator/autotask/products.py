"""Products: what an asset is an example of, and the only place that surely names its manufacturer."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.autotask.resource import Choice, Entity, Field, text, unfilled
from simulator.entities import Asset
from simulator.table import Table
from simulator.world import World


@dataclass(frozen=True)
class Product:
    """One row of the catalogue; who makes it is not always noted."""

    manufacturer: str | None
    model: str | None

    @property
    def id(self) -> int:
        """Told from the product itself, so that it stays whatever else is added to the catalogue."""
        return number_for(f"{self.manufacturer}/{self.model}")

    @property
    def name(self) -> str:
        """Manufacturer and model, as far as they are known."""
        return " ".join(filter(None, (self.manufacturer, self.model)))


def number_for(name: str) -> int:
    """A number for a name, always the same, as large as a foreign key may be."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF


def is_audited(asset: Asset) -> bool:
    """Whether the RMM watches it: then, and only then, the audit fields are filled."""
    return asset.os_type is not None


def product_of(asset: Asset) -> Product | None:
    """Some watched assets have products without a manufacturer: for those the audit tells."""
    untold = is_audited(asset) and asset.id % 4 == 0
    product = Product(None if untold else asset.manufacturer, asset.model)
    return product if product.name else None


def product_name(asset: Asset) -> str | None:
    """Of its product, if it has one."""
    product = product_of(asset)
    return product.name if product else None


def product_id(asset: Asset) -> int | None:
    """Of its product, if it has one."""
    product = product_of(asset)
    return product.id if product else None


def products(world: World) -> tuple[Mapping[int, Product], Sequence[int]]:
    """The catalogue: every product that an asset is of."""
    table = Table(filter(None, set(map(product_of, world.assets.values()))))
    return table, table.ids


def manufacturers(world: World) -> list[Choice]:
    """What the RMM's audit found so far, as a picklist."""
    names = sorted(str(name) for name in world.assets.by("manufacturer") if name)
    return [Choice(str(number_for(name)), name, order) for order, name in enumerate(names)]


PRODUCT: Entity[Product] = Entity(
    path="Products",
    name="Product",
    kind="products",
    source=products,
    fields={
        **unfilled("string", "description externalProductID internalProductID link sku vendorProductNumber"),
        **unfilled(
            "integer",
            """billingType chargeBillingCodeID defaultVendorID impersonatorCreatorResourceID periodType
            priceCostMethod productBillingCodeID productCategory""",
        ),
        **unfilled("boolean", "doesNotRequireProcurement isEligibleForRma isSerialized"),
        **unfilled("double", "markupRate msrp unitCost unitPrice"),
        "id": Field("long", lambda _, p: p.id),
        "name": text(lambda _, p: p.name, 100),
        "manufacturerName": text(lambda _, p: p.manufacturer, 100),
        "manufacturerProductName": text(lambda _, p: p.model, 50),
        # Products that nobody sells any more are still what the assets are.
        "isActive": Field("boolean", lambda _, p: p.id % 3 != 0),
    },
)
