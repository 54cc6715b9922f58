# One image for every process of Rapport; docker-compose.yml says which one runs.
FROM python:3.13-slim

RUN useradd --create-home --uid 10001 rapport \
    && install --directory --owner rapport /data/objects /data/mailbox /data/sandbox
WORKDIR /rapport

COPY requirements.txt ./
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.txt

COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable .

USER rapport
ENTRYPOINT ["rapport"]
