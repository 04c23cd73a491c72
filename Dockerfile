# Builds the program.
FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p vinculo-cli

# Holds the program and nothing that it does not need.
FROM debian:bookworm-slim
RUN useradd --uid 1000 --create-home vinculo
COPY --from=build /src/target/release/vinculo /usr/local/bin/vinculo
USER vinculo
WORKDIR /project
ENTRYPOINT ["vinculo"]
CMD ["run"]
