# The platform itself: one image for web, worker, beat and runner. Student code never runs in it, only in a sandbox.
# `make images` puts wheels into build/wheels and the pages' scripts into place; without them the build asks pip's index and npm's.
FROM python:3.11-slim AS base
ENV PATH=/opt/gradus/bin:$PATH PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore

# What we build on, by pyproject.toml alone, so that a change of our code does not install it again.
FROM base AS packages
ARG PIP_OPTIONS=
WORKDIR /build
COPY pyproject.toml constraints.txt build/wheel[s] wheels/
RUN mv wheels/*.t[ox]* . && touch README.md && python -m venv /opt/gradus \
 && if ls wheels/*.whl >/dev/null 2>&1; then set -- --no-index --find-links wheels; fi \
 && pip install --quiet $PIP_OPTIONS "$@" "setuptools>=77" \
 && pip install --quiet $PIP_OPTIONS "$@" --no-build-isolation -c constraints.txt . \
 && rm -rf /opt/gradus/lib/python3*/site-packages/torch/test /opt/gradus/lib/python3*/site-packages/torch/include

FROM packages AS scripts
COPY package.json package-lock.json .npmrc ./
COPY server server
RUN mkdir -p server/web/static/vendor \
 && { python -m server.web.assets || echo "==> no scripts: the pages work without them, only less lively"; }

FROM base
RUN groupadd --system --gid 10001 gradus && useradd --system --uid 10001 --gid gradus --home-dir /var/lib/gradus gradus \
 && install -d -o gradus -g gradus -m 0750 /var/lib/gradus && install -d -g gradus -m 0750 /run/gradus
WORKDIR /srv/gradus
COPY --from=packages /opt/gradus /opt/gradus
COPY pyproject.toml README.md package-lock.json ./
COPY sandbox sandbox
COPY assignments assignments
COPY grader grader
COPY server server
COPY --from=scripts /build/server/web/static/vendor server/web/static/vendor
RUN pip install --quiet --no-index --no-deps --no-build-isolation -e . && python -m compileall -q -x hand_ins grader server
USER gradus
ENV HOME=/tmp GRADUS_DATA=/var/lib/gradus
EXPOSE 8000
CMD ["uvicorn", "server.cli.web_process:make_app", "--factory", "--host", "0.0.0.0", "--port", "8000"]
