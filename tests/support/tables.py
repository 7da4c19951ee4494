# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a database, to find out what something left behind."""
from lab.postgres import Postgres

_TABLES = """
SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg_toast%' ORDER BY 1"""


def every_row(postgres: Postgres) -> dict[str, str]:
    """Each table, partitions included: its number of rows and a digest of all they hold."""
    tables = postgres.psql(_TABLES).splitlines()
    questions = (f"SELECT '{table}', count(*) || ' rows ' || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '') FROM {table} t"
                 for table in tables)
    return dict(line.split("|", 1) for line in postgres.psql(" UNION ALL ".join(questions)).splitlines())
