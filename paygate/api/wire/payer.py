"""The payer, addresses, orders and risk, as shops tell them."""

from typing import Annotated, Literal

from pydantic import Field

from paygate.api.wire.base import Container
from paygate.api.wire.common import Phone
from paygate.api.wire.formats import (
    Alphabetic,
    AlphaNumeric,
    IpV4,
    IpV6,
    Iso3166,
    PayerId,
    Text,
    Utf8,
    WireDate,
)

AddressSource = Literal["NONE", "SAFERPAY", "PREFER_PAYMENTMETHOD"]
DeliveryField = Literal[
    "CITY",
    "COMPANY",
    "COUNTRY",
    "EMAIL",
    "FIRSTNAME",
    "LASTNAME",
    "PHONE",
    "SALUTATION",
    "STATE",
    "STREET",
    "ZIP",
]
BillingField = DeliveryField | Literal["VATNUMBER"]
ItemKind = Literal[
    "DIGITAL", "PHYSICAL", "SERVICE", "GIFTCARD", "DISCOUNT", "SHIPPINGFEE", "SALESTAX", "SURCHARGE"
]


class BillingAddressForm(Container):
    """`Common_Models_Data_BillingAddressForm`."""

    address_source: AddressSource
    mandatory_fields: list[BillingField] | None = None


class DeliveryAddressForm(Container):
    """`Common_Models_Data_DeliveryAddressForm`."""

    address_source: AddressSource
    mandatory_fields: list[DeliveryField] | None = None


class OrderItem(Container):
    """`Payment_Models_Data_OrderItem`."""

    category_name: Annotated[str, Utf8(1, 100)] | None = None
    description: Annotated[str, Utf8(1, 200)] | None = None
    discount_amount: Text | None = None
    id: Annotated[str, Utf8(1, 100)] | None = None
    image_url: Annotated[str, Field(min_length=0, max_length=2000)] | None = None
    is_pre_order: bool | None = None
    name: Annotated[str, Utf8(1, 200)] | None = None
    product_url: Annotated[str, Field(min_length=0, max_length=2000)] | None = None
    quantity: int | None = None
    tax_amount: Text | None = None
    tax_rate: Annotated[str, Field(pattern=r"^0*[0-9]{1,5}$")] | None = None  # 1/100 percent, up to 99999
    type: ItemKind | None = None
    unit_price: Annotated[str, Field(pattern=r"^[0-9]+$")] | None = None
    variant_id: Annotated[str, Utf8(1, 100)] | None = None


class Order(Container):
    """`Payment_Models_Data_Order`."""

    items: list[OrderItem]


class RequestAddress(Container):
    """`Common_Models_Data_RequestAddress`."""

    city: Annotated[str, Utf8(1, 100)] | None = None
    company: Annotated[str, Utf8(1, 100)] | None = None
    country_code: Annotated[str, Alphabetic(2, 2)] | None = None
    country_subdivision_code: Annotated[str, Iso3166(1, 6)] | None = None
    date_of_birth: Annotated[str, AlphaNumeric(10, 10)] | None = None
    email: Text | None = None
    first_name: Annotated[str, Utf8(1, 100)] | None = None
    gender: Literal["MALE", "FEMALE", "DIVERSE", "COMPANY"] | None = None
    last_name: Annotated[str, Utf8(1, 100)] | None = None
    phone: Annotated[str, Utf8(1, 100)] | None = None
    street: Annotated[str, Utf8(1, 100)] | None = None
    street2: Annotated[str, Utf8(1, 100)] | None = None
    zip: Annotated[str, Utf8(1, 100)] | None = None


class RequestBillingAddress(RequestAddress):
    """`Common_Models_Data_RequestBillingAddress`."""

    vat_number: Annotated[str, Utf8(1, 25)] | None = None


class Payer(Container):
    """`Common_Models_Data_Payer`."""

    accept_header: Text | None = None
    billing_address: RequestBillingAddress | None = None
    color_depth: (
        Literal["1bit", "4bits", "8bits", "15bits", "16bits", "24bits", "32bits", "48bits"] | None
    ) = None
    delivery_address: RequestAddress | None = None
    id: Annotated[str, PayerId(1, 256)] | None = None
    ip_address: Annotated[str, IpV4] | None = None
    ipv6_address: Annotated[str, IpV6] | None = None
    java_enabled: bool | None = None
    java_script_enabled: bool | None = None
    language_code: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None
    screen_height: int | None = None
    screen_width: int | None = None
    time_zone_offset_minutes: int | None = None
    user_agent: Text | None = None


class PayerProfile(Container):
    """`Payment_Models_Data_PayerProfile`."""

    company: Annotated[str, Utf8(1, 100)] | None = None
    creation_date: WireDate | None = None
    date_of_birth: Annotated[str, AlphaNumeric(10, 10)] | None = None
    email: Text | None = None
    first_name: Annotated[str, Utf8(1, 100)] | None = None
    gender: Literal["MALE", "FEMALE", "DIVERSE", "COMPANY"] | None = None
    has_account: bool | None = None
    has_password: bool | None = None
    last_login_date: WireDate | None = None
    last_name: Annotated[str, Utf8(1, 100)] | None = None
    password_forgotten: bool | None = None
    password_last_change_date: WireDate | None = None
    phone: Phone | None = None
    secondary_email: Text | None = None


class ResponseAddress(RequestAddress):
    """`Common_Models_Data_ResponseAddress`."""

    country_subdivision_code: Annotated[str, AlphaNumeric(1, 3)] | None = None


class ResponseBillingAddress(ResponseAddress):
    """`Common_Models_Data_ResponseBillingAddress`."""

    vat_number: Annotated[str, Utf8(1, 25)] | None = None


class RiskDetails(Container):
    """`Payment_Models_RiskDetails`."""

    block_reason: (
        Literal[
            "BLACKLIST_IP", "BLACKLIST_IP_ORIGIN", "BLACKLIST_PAYMENT_MEANS", "BLACKLIST_PAYMENT_MEANS_ORIGIN"
        ]
        | None
    ) = None
    ip_location: Text | None = None


class RiskFactors(Container):
    """`Payment_Models_Data_RiskFactors`."""

    delivery_type: Literal["EMAIL", "SHOP", "HOMEDELIVERY", "PICKUP", "HQ"] | None = None
    device_fingerprint_transaction_id: Annotated[str, Field(min_length=0, max_length=1024)] | None = None
    is_b2_b: bool | None = None
    payer_profile: PayerProfile | None = None
