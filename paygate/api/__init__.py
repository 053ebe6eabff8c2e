"""The entrance for programs: Management API and JSON API, as Saferpay's programs speak them."""
