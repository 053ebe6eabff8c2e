"""A house full of offers: written by the database itself, with the skew that real ones have."""

from typing import Final

from bench.database import Database

# Of each order of magnitude the same shares; "rare" stands for three offers, the oldest among them.
TERMINALS: Final = """
INSERT INTO merchants_terminal (merchant_id, number, kind, description, merchant_category, automatic_closing,
    cancel_without_shift)
SELECT m.id, '171' || lpad((m.id * 10 + g)::text, 5, '0'), 'SPG', 'Terminal ' || g, '7011', true, true
FROM tenants_merchant m, generate_series(1, 4) g;
"""

_MERCHANTS: Final = """
INSERT INTO tenants_merchant (customer_id, name, live, zone, country, created_at)
SELECT (300000 + g)::text, 'Merchant ' || g, false, 'Europe/Zurich', 'CH', now() FROM generate_series(1, 5) g;
"""

OFFERS: Final = """
WITH texts AS MATERIALIZED (
    SELECT ARRAY['Doppelzimmer', 'Einzelzimmer', 'Suite', 'Halbpension', 'Familienzimmer', 'Wellness', 'Skipass',
        'Seminarraum', 'Hochzeit', 'Abendessen', 'Chalet', 'Wanderwoche'] AS things,
        ARRAY['Anna', 'Max', 'Carla', 'Urs', 'Lea', 'Nina', 'Tim', 'Luca'] AS firsts,
        (SELECT array_agg(one || other) FROM
            unnest(ARRAY['Mei','Mül','Ger','Am','Zum','Stei','Hof','Kel','Bau','Brun','Wid','Rü','Fre','Gas','Hu']) one,
            unnest(ARRAY['er','ler','ber','stad','brunn','ner','mann','ster','egger','ser']) other) AS lasts
), dice AS MATERIALIZED (
    SELECT g, {count} - g < 3 AS rare, g > 0.97 * {count} AS old,
        now() - g * interval '3 years' / {count} AS created,
        (ARRAY[1, 3, 7, 14, 14, 14, 30, 30, 90, 180])[1 + g % 10] * interval '1 day' AS valid,
        random() AS one, random() AS two, random() * random() AS three, random() * random() AS four, random() AS five
    FROM generate_series(0, {count} - 1) g ORDER BY g DESC
), told AS (
    SELECT dice.*, created + valid AS expires,
        CASE WHEN rare THEN 'DISABLED' WHEN created + valid > now() AND one < 0.6 THEN 'OPEN'
            WHEN one < 0.75 THEN 'PAID' WHEN created + valid > now() THEN 'PAID' ELSE 'EXPIRED' END AS state,
        things[1 + floor(three * 12)::int] || ', ' || 1 + g % 14 || ' Nächte, ' || lasts[1 + (four * 150)::int % 150]
            || CASE WHEN rare THEN ' Quetzal' ELSE '' END || CASE WHEN old THEN ' Sommer' ELSE '' END AS description,
        to_char(created, 'YYYY') || '-' || lpad(({count} - g)::text, 7, '0') AS reference,
        lower(firsts[1 + (five * 8)::int % 8] || '.' || translate(lasts[1 + (four * 150)::int % 150], 'äöü', 'aou'))
            || '@' || (ARRAY['gmail', 'bluewin', 'gmx', 'web'])[1 + g % 4] || '.example' AS email
    FROM dice, texts
)
INSERT INTO offers_offer (merchant_id, terminal_id, id, state, amount_minor, currency, exponent, description,
    reference, booking, condition, language, payer_email, ask_email, address, address_editable, notify_emails,
    save_means, by_email, letter, confirm, confirmation, reply_to, archive_email, expires_at, max_attempts, attempts,
    revision, claim, paid_at, source, created_at, created_by, changed_at, changed_by, words)
SELECT {merchant}, (SELECT id FROM merchants_terminal WHERE merchant_id = {merchant} ORDER BY id LIMIT 1 OFFSET
        CASE WHEN rare THEN 3 WHEN two < 0.7 THEN 0 WHEN two < 0.9 OR g < {count} / 2 THEN 1 ELSE 2 END),
    gen_random_uuid(), state, CASE WHEN random() < 0.3 THEN 4990 ELSE 100 + (three * 200000)::int END, 'CHF', 2,
    description, reference, 'FINAL', 'NONE', 'de', email, 'NO', '{{}}', false, '[]', false, false, '{{}}', true, '{{}}',
    '', '', expires, 5, 0, 1, '', CASE WHEN state = 'PAID' THEN created + interval '1 hour' END,
    CASE WHEN rare THEN 'API' WHEN g % 10 = 0 THEN 'UPLOAD' ELSE 'BACKOFFICE' END, created,
    'member:' || 1 + g % 3, created + interval '1 hour', 'system',
    (SELECT string_agg('  ' || trim(regexp_replace(translate(lower(one), 'äöü', 'aou'), '[^a-z0-9]+', '  ', 'g'))
        || '  ', E'\\n' ORDER BY place)
     FROM unnest(ARRAY[reference, description, email]) WITH ORDINALITY AS texts(one, place))
        || E'\\n  @member:' || 1 + g % 3 || '  '
FROM told;
"""

_TRIGRAMS: Final = """
INSERT INTO offers_trigrams
SELECT id, offers_trigrams_of(merchant_id, offers_month(created_at), words)
FROM offers_offer ORDER BY merchant_id, created_at;
"""

_PLAIN_INDEXES: Final = """
SELECT indexdef, indexname FROM pg_indexes WHERE tablename IN ('offers_offer', 'offers_trigrams')
    AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


def fill(database: Database, merchant_id: int, count: int) -> None:
    """So many offers for the merchant, and a tenth as many that five others share. Indexes are built at the end."""
    ask = database.as_superuser
    ask(_MERCHANTS)
    ask(TERMINALS)
    others = [row[0] for row in ask("SELECT id FROM tenants_merchant WHERE customer_id LIKE '3%'")]
    indexes = ask(_PLAIN_INDEXES)
    for _definition, name in indexes:
        ask(f'DROP INDEX "{name}"')
    ask("ALTER TABLE offers_offer DISABLE TRIGGER offers_trigrams_kept")
    for one, size in ((merchant_id, count), *((other, max(count // 50, 1)) for other in others)):
        ask(OFFERS.format(merchant=one, count=size))
    ask("ALTER TABLE offers_offer ENABLE TRIGGER offers_trigrams_kept")
    ask(_TRIGRAMS)
    for definition, _name in indexes:
        ask(definition)
    ask("VACUUM ANALYZE")
    ask("CHECKPOINT")
