# The service in a small image. The build needs Rust and a C compiler, running needs neither.
FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin daybook

FROM debian:bookworm-slim
RUN useradd --system --home-dir /var/lib/daybook --create-home daybook
COPY --from=build /src/target/release/daybook /usr/local/bin/daybook
USER daybook
WORKDIR /var/lib/daybook
EXPOSE 8080
ENV DAYBOOK_LISTEN=0.0.0.0:8080
ENTRYPOINT ["daybook"]
CMD ["serve"]
