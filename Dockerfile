# The image that docker-compose.yml runs as web, workers, beat and migrations.
#
# The builder installs the packages of poetry.lock, as the Makefile does; its tools do not get into
# the final image. Your own package index: docker build --build-arg PIP_INDEX_URL=https://... .

# Both bases are of the same Debian release, so that programs of one run in the other.
FROM postgres:18-trixie AS postgres

# `manage.py backup` needs a pg_dump that is not older than the server of docker-compose.yml.
COPY docker/copy-postgres-client.sh /
RUN sh /copy-postgres-client.sh /opt/postgresql-client


FROM python:3.13-slim-trixie AS builder

ARG POETRY_VERSION=2.5.1
ARG EXPORT_VERSION=1.10.1
ARG PIP_INDEX_URL
ARG PIP_TRUSTED_HOST
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore

RUN python -m venv /venv && python -m venv /poetry \
    && /poetry/bin/pip install -q poetry==$POETRY_VERSION poetry-plugin-export==$EXPORT_VERSION

WORKDIR /app
COPY pyproject.toml poetry.lock ./
RUN /poetry/bin/poetry export -q --only main -o /requirements.txt \
    && /venv/bin/pip install -q --only-binary :all: --require-hashes --no-deps -r /requirements.txt \
    && /venv/bin/pip uninstall -q -y pip

# Readable by the image's user, whatever the umask was when the repository was cloned.
COPY . .
RUN chmod -R a+rX,go-w . && /venv/bin/python -m compileall -q .


FROM python:3.13-slim-trixie

RUN useradd --uid 10001 --no-create-home --home-dir /data roompricegenie \
    && install -d -o roompricegenie -g roompricegenie /data
COPY --from=postgres /opt/postgresql-client /opt/postgresql-client
COPY --from=builder /venv /venv
COPY --from=builder /app /app

ENV PATH=/venv/bin:/opt/postgresql-client/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
WORKDIR /app
USER roompricegenie
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "roompricegenie.wsgi:application", "--bind", "0.0.0.0:8000"]
