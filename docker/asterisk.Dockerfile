# Asterisk 22 with the hand-over to the controller. Build from the project's root: docker build -f docker/asterisk.Dockerfile .
FROM debian:forky-slim AS music
RUN apt-get update \
 && apt-get install -y --no-install-recommends sox \
 && rm -rf /var/lib/apt/lists/*
# What a waiting caller hears until you put your own there: a soft chord that comes and goes
RUN mkdir /music \
 && sox -n -r 8000 -c 1 -b 16 /music/hold.wav synth 4 sine 262 sine 330 sine 392 remix - fade t 1 4 1 gain -n -24 pad 0 2

FROM debian:forky-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends asterisk asterisk-core-sounds-en-wav \
 && rm -rf /var/lib/apt/lists/*

COPY --from=music /music /var/lib/hotline/music
COPY docker/asterisk/*.conf /etc/asterisk/
COPY dialplan/asterisk/hotline.conf /etc/asterisk/hotline/hotline.conf
COPY --chmod=755 docker/asterisk/start.sh /usr/local/bin/start-asterisk

RUN mkdir -p /run/hotline /run/asterisk \
 && chown -R asterisk:asterisk /run/hotline /run/asterisk /etc/asterisk
USER asterisk

EXPOSE 5060/udp 8088 10000-10099/udp
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["asterisk", "-rx", "core waitfullybooted"]
ENTRYPOINT ["start-asterisk"]
