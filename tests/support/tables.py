# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a database, to find out what something left behind."""
from lab.postgres import Postgres

_TABLES = """
SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg_toast%' ORDER BY 1"""


def _of_each(postgres: Postgres, expression: str) -> str:
    tables = postgres.psql(_TABLES).splitlines()
    return postgres.psql(" UNION ALL ".join(f"SELECT '{table}', {expression} FROM {table} t" for table in tables))


def every_row(postgres: Postgres) -> dict[str, str]:
    """Each table, partitions included: its number of rows and a digest of all they hold. But for the lease of presence, which is renewed
    every few seconds whatever happens."""
    lines = _of_each(postgres, "count(*) || ' rows ' || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '')").splitlines()
    return {table: rows for table, rows in (line.split("|", 1) for line in lines) if table != "presence.lease"}


def all_text(postgres: Postgres) -> str:
    """All that the tables hold, bytes as hexadecimal digits."""
    return _of_each(postgres, "string_agg(t::text, chr(10))")
