"""On PostgreSQL, the index of groups of three letters (trigrams.py)."""

from typing import Any, Final

from django.db import migrations

CREATE: Final = """
CREATE FUNCTION offers_month(made timestamptz) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (extract(year FROM made AT TIME ZONE 'UTC') * 12 + extract(month FROM made AT TIME ZONE 'UTC'))::integer
$$;

CREATE FUNCTION offers_month_begins(month integer) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT make_timestamp((month - 1) / 12, (month - 1) % 12 + 1, 1, 0, 0, 0) AT TIME ZONE 'UTC'
$$;

CREATE FUNCTION offers_trigrams_of(merchant bigint, month integer, words text) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT ((
        (get_byte(b, n)::bigint * 65536 + get_byte(b, n + 1) * 256 + get_byte(b, n + 2))
            # ((merchant * 2654435761 + month::bigint * 2246822519) % 4611686018427387903)
    ) % 2147483647)::integer), '{}')
    FROM (SELECT convert_to(words, 'UTF8') AS b) spelled, generate_series(0, length(b) - 3) n
$$;

CREATE TABLE offers_trigrams (offer_id uuid PRIMARY KEY, numbers integer[] NOT NULL);
INSERT INTO offers_trigrams
    SELECT id, offers_trigrams_of(merchant_id, offers_month(created_at), words) FROM offers_offer ORDER BY merchant_id, created_at;
-- The newest offers wait in a short list that is searched row by row and sorted into the index in one go: to do so for
-- each offer would take several times as long. 128 kB are some hundred offers.
CREATE INDEX offers_trigrams_numbers ON offers_trigrams USING gin (numbers) WITH (gin_pending_list_limit = 128);
-- The planner shall count on few finds for each group: statistics of so many numbers would take long to collect.
ALTER TABLE offers_trigrams ALTER numbers SET STATISTICS 0;

CREATE FUNCTION offers_trigrams_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE offers_trigrams;
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM offers_trigrams WHERE offer_id = OLD.id;
    ELSE
        INSERT INTO offers_trigrams
        VALUES (NEW.id, offers_trigrams_of(NEW.merchant_id, offers_month(NEW.created_at), NEW.words))
        ON CONFLICT (offer_id) DO UPDATE SET numbers = EXCLUDED.numbers;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER offers_trigrams_kept AFTER INSERT OR DELETE OR UPDATE OF words, created_at ON offers_offer
    FOR EACH ROW EXECUTE FUNCTION offers_trigrams_kept();
CREATE TRIGGER offers_trigrams_emptied AFTER TRUNCATE ON offers_offer
    FOR EACH STATEMENT EXECUTE FUNCTION offers_trigrams_kept();

-- Room for an offer's next version beside it: then a claim, which changes no indexed column, touches no index.
ALTER TABLE offers_offer SET (fillfactor = 85);
"""

DROP: Final = """
ALTER TABLE offers_offer RESET (fillfactor);
DROP FUNCTION offers_trigrams_kept() CASCADE;
DROP TABLE offers_trigrams;
DROP FUNCTION offers_trigrams_of(bigint, integer, text);
DROP FUNCTION offers_month_begins(integer);
DROP FUNCTION offers_month(timestamptz);
"""


def create(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE, params=None)


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP, params=None)


class Migration(migrations.Migration):
    dependencies = [("offers", "0007_words_of_the_offers_there_are")]
    operations = [migrations.RunPython(create, drop)]
