# The engine: Spark, Delta and drg, for a Spark master, its workers and jobs. Build from the checkout:
#   docker build -f docker/engine.Dockerfile -t drg-engine .
# A site pins the base by digest: --build-arg BASE=python@sha256:...
ARG BASE=python:3.11.13-slim-bookworm
FROM ${BASE} AS engine

RUN apt-get update \
 && apt-get install --yes --no-install-recommends make openjdk-17-jre-headless procps \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home drg \
 && install -d -o drg -g drg /opt/drg /data

USER drg
WORKDIR /opt/drg
COPY --chown=drg:drg Makefile setup.py pyproject.toml README.md requirements.txt requirements-java.txt ./
COPY --chown=drg:drg lib lib
COPY --chown=drg:drg conf conf
COPY --chown=drg:drg data_contracts data_contracts
COPY --chown=drg:drg jobs jobs
# Packages by checksum, the jars by checksum: nothing is fetched when a container starts.
RUN make setup

# The image stands on one machine type; its Java is the distribution's.
ENV DRG_HOME=/opt/drg \
    DRG_JARS=/opt/drg/.venv/jars \
    PYSPARK_PYTHON=/opt/drg/.venv/bin/python \
    PATH=/opt/drg/.venv/bin:/usr/local/bin:/usr/bin:/bin
CMD ["drg", "doctor"]
