"""Products. An asset refers to one, which is where its manufacturer and model are."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from simulator.autotask.resource import Choice, Field, Resource, text, unfilled
from simulator.entities import Asset
from simulator.table import Rows, Table
from simulator.world import World


@dataclass(frozen=True)
class Product:
    """A row of the product catalogue."""

    manufacturer: str | None
    model: str | None

    @property
    def id(self) -> int:
        """Derived from the product itself, so that it stays the same whatever is added to the catalogue."""
        return number_for(f"{self.manufacturer}/{self.model}")

    @property
    def name(self) -> str:
        """Manufacturer and model, if they are known."""
        return " ".join(filter(None, (self.manufacturer, self.model)))


def number_for(name: str) -> int:
    """A number for a name, always the same, in the range of foreign keys."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF


def is_audited(asset: Asset) -> bool:
    """Whether the RMM monitors the asset. Only then are its audit fields filled."""
    return asset.os_type is not None


def product_of(asset: Asset) -> Product | None:
    """The product of an asset. For some monitored assets, only the RMM audit has the manufacturer."""
    is_unlisted = is_audited(asset) and asset.id % 4 == 0
    product = Product(None if is_unlisted else asset.manufacturer, asset.model)
    return product if product.name else None


def product_name(asset: Asset) -> str | None:
    """The name of the asset's product."""
    product = product_of(asset)
    return product.name if product else None


def product_id(asset: Asset) -> int | None:
    """The id of the asset's product."""
    product = product_of(asset)
    return product.id if product else None


def products(world: World) -> Rows:
    """The catalogue: the products of all assets."""
    table = Table(filter(None, set(map(product_of, world.assets.values()))))
    return table, table.ids


def manufacturers(world: World) -> list[Choice]:
    """The manufacturers that the RMM audit found, as a picklist."""
    names = sorted(str(name) for name in world.assets.by("manufacturer") if name)
    return [Choice(str(number_for(name)), name, order) for order, name in enumerate(names)]


PRODUCT: Resource[Product] = Resource(
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
        # Assets may have products that are no longer sold.
        "isActive": Field("boolean", lambda _, p: p.id % 3 != 0),
    },
)
