# The image with deploy/platform.toml in it, for platforms that mount no file, such as Railway.
ARG IMAGE=ghcr.io/statewave-connectors/statewave-connectors:latest
FROM ${IMAGE}
COPY deploy/platform.toml /etc/statewave-connectors/statewave-connectors.toml
