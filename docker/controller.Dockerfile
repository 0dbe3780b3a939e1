# The hotline controller. Build from the project's root: docker build -f docker/controller.Dockerfile .
FROM node:24-slim

# The voice of `hotline prompts build`
RUN apt-get update \
 && apt-get install -y --no-install-recommends espeak-ng sox \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /srv/hotline
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

COPY src src
COPY config config
COPY dialplan dialplan
COPY docker/hotline.yaml docker/hotline-freeswitch.yaml docker/

# A new volume takes its owner from the image
RUN mkdir -p /var/lib/hotline/prompts /var/lib/hotline/dialplan /var/lib/hotline/records \
 && chown -R node:node /var/lib/hotline
USER node

ENV HOTLINE_SETTINGS=/srv/hotline/docker/hotline.yaml NODE_ENV=production
EXPOSE 8345
# Alive, not ready: a controller that waits for its PBX must not be restarted for it
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8345/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
