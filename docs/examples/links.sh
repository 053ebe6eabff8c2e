#!/usr/bin/env bash
# The same with curl: make a payment link, and look at it.
#
# usage: PAYGATE_URL=http://localhost:8000 PAYGATE_USER=API_100001_10000001 PAYGATE_PASSWORD=... ./links.sh
set -euo pipefail

customer="$(cut -d_ -f2 <<<"$PAYGATE_USER")"
offers="$PAYGATE_URL/api/rest/customers/$customer/terminals/${PAYGATE_TERMINAL:-17000011}/spg-offers"

call() {
    curl --silent --show-error --fail-with-body --user "$PAYGATE_USER:$PAYGATE_PASSWORD" \
        --header "Content-Type: application/json" --header "Saferpay-ApiVersion: 1.14" \
        --header "Saferpay-RequestId: $(cat /proc/sys/kernel/random/uuid)" "$@"
}

made="$(call "$offers" --data '{
  "ExpirationDate": "'"$(date --utc --date '+14 days' +%Y-%m-%dT%H:%M:%SZ)"'",
  "Payer": {"LanguageCode": "de"},
  "Payment": {
    "Amount": {"Value": "12000", "CurrencyCode": "CHF"},
    "OrderId": "2026-1042",
    "Description": "Deposit for a double room"
  }
}')"
echo "$made"
offer="$(sed -E 's/.*"OfferId": *"([^"]+)".*/\1/' <<<"$made")"
call "$offers/$offer"
echo
