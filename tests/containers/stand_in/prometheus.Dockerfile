# SPDX-License-Identifier: GPL-3.0-or-later
# In the place of the image prom/prometheus, as far as docker-compose.yml relies on it: user nobody, /prometheus, wget.
FROM debian:bookworm-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends prometheus wget \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* && install --directory --owner nobody --group nogroup /prometheus
USER nobody
VOLUME /prometheus
ENTRYPOINT ["prometheus"]
