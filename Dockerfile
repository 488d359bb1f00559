# The service in a small image. The build needs Rust, a C++ compiler, make and OpenSSL's headers;
# running needs OpenSSL only, for Kafka over TLS.
FROM rust:1-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends libssl-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# The toolchain that the file names, once and not for every change of the source.
COPY rust-toolchain.toml .
RUN cargo --version
COPY . .
# Dependencies, and what was built of them, stay beside the image for the next build; our own code is
# always built anew, since times of files tell nothing about what was built of another checkout.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,id=daybook-target,target=/src/target \
    find . -path ./target -prune -o -type f -exec touch {} + \
 && cargo build --release --locked --features kafka-tls --bin daybook \
 && cp target/release/daybook /usr/local/bin/daybook

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libssl3 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /var/lib/daybook --create-home daybook
COPY --from=build /usr/local/bin/daybook /usr/local/bin/daybook
USER daybook
WORKDIR /var/lib/daybook
EXPOSE 8080
ENV DAYBOOK_LISTEN=0.0.0.0:8080
ENTRYPOINT ["daybook"]
CMD ["serve"]
