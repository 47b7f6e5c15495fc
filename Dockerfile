# The Space's image; the last stage, cpu, is what a plain build makes. Kept to syntax that every builder knows.

FROM node:24-bookworm-slim AS tools
WORKDIR /app
ENV pnpm_config_store_dir=/pnpm TURBO_TELEMETRY_DISABLED=1
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
RUN --mount=type=cache,target=/root/.npm \
    npm install --global "$(node -p "require('./package.json').packageManager")"

# What the bundles do not hold: transformers.js and sharp with their native libraries, and pm2. (What reads documents is
# all JavaScript, in the bundles, so packages/files has it as dev dependencies.) Source changes do not touch this stage.
FROM tools AS modules
COPY packages/files/package.json packages/files/
COPY packages/inference/package.json packages/inference/
COPY scripts/prune.ts scripts/
RUN --mount=type=cache,target=/pnpm \
    pnpm install --prod --frozen-lockfile --node-linker=hoisted --filter slipway --filter @slipway/files --filter @slipway/inference \
 && node scripts/prune.ts node_modules package.json packages/files/package.json packages/inference/package.json
# a prune that took too much fails here, not on the Space
RUN node --input-type=module --eval "await import('@huggingface/transformers'); await import('sharp')" \
 && PM2_HOME=/tmp/pm2 node node_modules/pm2/bin/pm2-runtime --version

FROM tools AS build
RUN --mount=type=cache,target=/pnpm pnpm fetch
COPY . .
RUN --mount=type=cache,target=/pnpm pnpm install --frozen-lockfile --prefer-offline
RUN node_modules/.bin/turbo run build --output-logs=errors-only \
 && mkdir /out && cp --recursive --parents apps/*/dist /out \
 && find /out -name '*.map' -delete

FROM node:24-bookworm-slim AS base
# A fork's own Debian packages go between these quotes (or --build-arg APT_PACKAGES=…, on a Space a variable).
ARG APT_PACKAGES=""
# nginx redis-server tini procps: the house. bash curl wget git git-lfs: what Dev Mode of Spaces asks for besides.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      bash ca-certificates curl git git-lfs nginx procps redis-server tini wget $APT_PACKAGES \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log \
 && install --directory --owner=1000 --group=1000 /app /data
# With a read-only root, /tmp and /data are all that must be writable: the models that are fetched go to /data too.
ENV NODE_ENV=production HOME=/home/node DATA_DIR=/data HF_HOME=/data/huggingface
WORKDIR /app
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD curl --fail --silent --show-error --output /dev/null "http://127.0.0.1:${PORT:-7860}/healthz"
# tini is PID 1 because Node reaps no orphans; the launcher stops the rest in order when it gets SIGTERM
ENTRYPOINT ["tini", "--"]
CMD ["node", "apps/launcher/dist/main.js"]

FROM base AS cpu
COPY --chown=1000:1000 --from=modules /app/node_modules node_modules
COPY --chown=1000:1000 LICENSE package.json ecosystem.config.cjs nginx.conf ./
COPY --chown=1000:1000 services services
COPY --chown=1000:1000 --from=build /out/ ./
USER 1000:1000
