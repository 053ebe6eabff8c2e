#!/usr/bin/env bash
# Bring the translation catalogues up to date: new texts come in untranslated, texts nobody uses go.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
template="$(mktemp)"
trap 'rm -f "$template"' EXIT

.venv/bin/pybabel --quiet extract --mapping-file pyproject.toml --project PayGate --copyright-holder "The PayGate authors" \
    --keywords "gettext_lazy ngettext_lazy:1,2 pgettext:1c,2 pgettext_lazy:1c,2 npgettext:1c,2,3" \
    --no-location --sort-output --output-file "$template" paygate
for language in de fr it; do
    catalogue="paygate/locale/$language/LC_MESSAGES/django.po"
    if [ -e "$catalogue" ]; then
        .venv/bin/pybabel --quiet update --domain django --input-file "$template" --output-file "$catalogue" \
            --locale "$language" --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 110
    else
        mkdir -p "$(dirname "$catalogue")"
        .venv/bin/pybabel --quiet init --domain django --input-file "$template" --output-file "$catalogue" \
            --locale "$language" --width 110
    fi
    echo "Brought up to date: $catalogue"
done
