# The Space's image: docs/image.md tells its args, secrets and targets. Two targets: cpu, the last stage and so what a plain
# build makes, and cuda. Kept to syntax that every builder knows.

# For --target cuda: an image with CUDA 12 and cuDNN 9 at run time, on Debian 12, Ubuntu 24.04 or newer (Redis 7), such as
# docker.io/nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04. Nobody has run that target on a graphics card yet: UNTESTED.
ARG CUDA_BASE=""

FROM node:24-bookworm-slim AS node

FROM node AS tools
WORKDIR /app
ENV pnpm_config_store_dir=/pnpm TURBO_TELEMETRY_DISABLED=1
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
RUN --mount=type=cache,target=/root/.npm \
    npm install --global "$(node -p "require('./package.json').packageManager")"

# What the bundles do not hold: transformers.js and sharp with their native libraries, and pm2. (What reads documents is
# all JavaScript, in the bundles, so packages/files has it as dev dependencies.) Source changes do not touch these stages.
FROM tools AS installed
COPY packages/files/package.json packages/files/
COPY packages/inference/package.json packages/inference/
RUN --mount=type=cache,target=/pnpm \
    pnpm install --prod --frozen-lockfile --node-linker=hoisted --filter slipway --filter @slipway/files --filter @slipway/inference

FROM installed AS modules
COPY scripts/prune.ts scripts/
RUN node scripts/prune.ts node_modules package.json packages/files/package.json packages/inference/package.json
# a prune that took too much fails here, not on the Space
RUN node --input-type=module --eval "await import('@huggingface/transformers'); await import('sharp')" \
 && export PM2_HOME=/tmp/pm2 \
 && node node_modules/pm2/bin/pm2-runtime --version \
 && node node_modules/pm2/bin/pm2 ls && node node_modules/pm2/bin/pm2 kill

# What onnxruntime needs for a graphics card: its own install script, which pnpm does not run, fetches it from outside of npm.
FROM installed AS provider
ARG CUDA_BASE
RUN test -n "$CUDA_BASE" || { echo 'slipway: --target cuda takes --build-arg CUDA_BASE=<image>, see docs/image.md' >&2; exit 1; }
RUN ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js \
 && mkdir /provider && cd node_modules/onnxruntime-node/bin/napi-v6/linux/x64 \
 && cp libonnxruntime_providers_shared.so libonnxruntime_providers_cuda.so /provider

FROM tools AS build
RUN --mount=type=cache,target=/pnpm pnpm fetch
COPY . .
RUN --mount=type=cache,target=/pnpm pnpm install --frozen-lockfile --prefer-offline
RUN node_modules/.bin/turbo run build --output-logs=errors-only \
 && mkdir /out && cp --recursive --parents apps/*/dist /out \
 && find /out -name '*.map' -delete \
 && node scripts/bundle.ts scripts/bake.ts

# The models that the image brings: none unless an arg names one. A source change fetches nothing anew: the bundle of
# bake.ts stays the same.
FROM node AS models
COPY --from=build /app/dist/bake.js /
ARG MODEL_REPO_NAME="" MODEL_REVISION="" MODEL_DTYPE="" MODEL_TASK="" PRELOAD_MODELS="" HF_ENDPOINT=""
# The one secret, for a private model; it is there for this command alone. Not required: a duplicated Space has none.
RUN --mount=type=secret,id=HF_TOKEN,mode=0444 \
    HF_TOKEN="$(cat /run/secrets/HF_TOKEN 2>/dev/null)" node /bake.js /models

# The cuda target's base gets Node and the user that the node image has.
FROM ${CUDA_BASE:-node:24-bookworm-slim} AS cuda-node
COPY --from=node /usr/local/bin/node /usr/local/bin/
RUN getent passwd 1000 || useradd --uid 1000 node

FROM ${CUDA_BASE:+cuda-}node AS house
# A fork's own Debian packages go between these quotes (or --build-arg APT_PACKAGES=…, on a Space a variable).
ARG APT_PACKAGES=""
# nginx redis-server tini procps: the house. bash curl wget git git-lfs: what Dev Mode of Spaces asks for besides.
# git brings what serves repositories or sends mail, and Perl for that; without it and Perl's library the image is 61 MB
# smaller. Where a fork has packages of its own, everything is there: one of them may need it.
RUN if [ -z "$APT_PACKAGES" ]; then \
      printf 'path-exclude=%s\n' '/usr/share/perl/*' '/usr/lib/*/perl/*' '/usr/lib/*/libperl.so*' /usr/bin/git-shell \
        /usr/lib/git-core/git-shell /usr/lib/git-core/git-daemon /usr/lib/git-core/git-http-backend \
        /usr/lib/git-core/git-http-push /usr/lib/git-core/git-imap-send > /etc/dpkg/dpkg.cfg.d/slipway; \
    fi \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      bash ca-certificates curl git git-lfs nginx procps redis-server tini wget $APT_PACKAGES \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log \
 && install --directory --owner=1000 --group=1000 /app /data /home/node
# With a read-only root, /tmp and /data are all that must be writable. Models that are fetched go to /data too, where a
# volume is mounted there.
ENV NODE_ENV=production HOME=/home/node DATA_DIR=/data MODEL_IMAGE_DIR=/opt/models
WORKDIR /app
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD curl --fail --silent --show-error --output /dev/null "http://127.0.0.1:${PORT:-7860}/healthz"
# tini is PID 1 because Node reaps no orphans; the launcher stops the rest in order when it gets SIGTERM
ENTRYPOINT ["tini", "--"]
CMD ["node", "apps/launcher/dist/main.js"]
COPY --from=models /models /opt/models
COPY --chown=1000:1000 --from=modules /app/node_modules node_modules
COPY --chown=1000:1000 LICENSE package.json ecosystem.config.cjs nginx.conf ./
COPY --chown=1000:1000 services services
USER 1000:1000
# Python packages of a fork's services go here, a line for each: it makes services/NAME/.venv, which UID 1000 owns. They need
# python3 and python3-venv between the quotes of APT_PACKAGES above (docs/services.md).
#RUN python3 -m venv services/NAME/.venv && services/NAME/.venv/bin/pip install --no-cache-dir --requirement services/NAME/requirements.txt
COPY --chown=1000:1000 --from=build /out/ ./

FROM house AS cuda
COPY --chown=1000:1000 --from=provider /provider/ node_modules/onnxruntime-node/bin/napi-v6/linux/x64/

FROM house AS cpu
