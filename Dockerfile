# The image of every stage and of `hypercare setup`; how it is used: docs/docker.md.
FROM python:3.11.14-slim-bookworm AS build

# Pip stays out of the environment that is shipped: it is run from outside with --python.
RUN python -m venv /tools && python -m venv --without-pip /opt/hypercare
WORKDIR /source
COPY pyproject.toml constraints.txt README.md ./
ENV PIP_CACHE_DIR=/var/cache/pip

RUN --mount=type=cache,target=/var/cache/pip \
    /tools/bin/pip install --disable-pip-version-check --constraint constraints.txt hatchling
COPY contracts contracts
COPY producers producers
COPY processors processors
COPY sinks sinks
COPY hypercare hypercare
# Wheels only: the image has no compiler, and a package without a wheel shall fail here and say so.
RUN --mount=type=cache,target=/var/cache/pip \
    /tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /tools/bin/pip --python /opt/hypercare/bin/python install --disable-pip-version-check \
       --only-binary :all: --constraint constraints.txt /wheels/*.whl

FROM python:3.11.14-slim-bookworm

LABEL org.opencontainers.image.title="hypercare" \
      org.opencontainers.image.description="After a go-live: turns complaints and API calls into a short, right, explained list of what to fix next." \
      org.opencontainers.image.version="0.1.0"

# The folder belongs to the user before a volume is laid over it: a new named volume takes its owner from here.
RUN python -m pip uninstall --yes --quiet --root-user-action ignore setuptools wheel pip \
    && groupadd --gid 10001 hypercare \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/hypercare --no-create-home --shell /usr/sbin/nologin hypercare \
    && install --directory --owner 10001 --group 10001 --mode 0750 /var/lib/hypercare

COPY --from=build /opt/hypercare /opt/hypercare

ENV PATH=/opt/hypercare/bin:$PATH \
    HOME=/var/lib/hypercare \
    HYPERCARE_HOME=/var/lib/hypercare \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

USER 10001:10001
WORKDIR /var/lib/hypercare
ENTRYPOINT ["hypercare"]
CMD ["--help"]
