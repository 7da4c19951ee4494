# SPDX-License-Identifier: GPL-3.0-or-later
# In the place of the image postgres:15, as far as docker-compose.yml relies on it: uid 999, its data folder, POSTGRES_PASSWORD_FILE.
FROM debian:bookworm-slim
RUN groupadd --gid 999 postgres && useradd --uid 999 --gid 999 --home-dir /var/lib/postgresql postgres \
 && apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends postgresql-15 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/lib/postgresql/* \
 && install --directory --owner 999 --group 999 --mode 0700 /var/lib/postgresql/data
ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=/var/lib/postgresql/data
COPY serve-postgres /usr/local/bin/
USER 999:999
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
CMD ["serve-postgres"]
