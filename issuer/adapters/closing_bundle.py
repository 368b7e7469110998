"""A bundle for whoever goes on hosting a closed organisation's published objects: a ZIP file of files as they are served.

Everything in it was public already. No key and no person's data are in it: they are in no table it is made from.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from issuer.domain.organisation import Organisation
from issuer.errors import OrganisationUnknown
from shared.adapters.did_host import DidHost, Published
from shared.ports.clock import Clock
from shared.vc.attested_resource import CRED_DEF, EDITION, LAST, REV_REG_DEF
from shared.vc.holders import HOLDERS

AREA: Final = "orgs"
SITE: Final = "site/"
MANIFEST_TYPE: Final = "ujuzi-closing-bundle+jwt"
JSON_TYPE, LOG_TYPE, TAILS_TYPE = "application/json", "text/jsonl", "application/octet-stream"
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""Of a ZIP file's clock: the same facts give the same file."""


@dataclass(frozen=True)
class ClosingBundle:
    """Makes the bundle of one organisation from what the service hosts."""

    dids: DidHost
    clock: Clock

    async def __call__(self, organisation: Organisation) -> bytes:
        """Return the ZIP file. Before the organisation has closed it is a rehearsal: its lists will grow old.

        Raises OrganisationUnknown if the organisation has no DID here.
        """
        published = await self.dids.published((AREA, organisation.slug))
        if published is None:
            raise OrganisationUnknown(f"No DID is hosted here for {organisation.slug}.")
        files = dict(_files(organisation.slug, published))
        manifest = _manifest(organisation, published, files, self.clock(), self.dids.host)
        signed = await self.dids.sign_jws(published.did, manifest, typ=MANIFEST_TYPE)
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, content in {
                "README.md": _readme(organisation, self.dids.host).encode(),
                "nginx.conf": _nginx(self.dids.host).encode(),
                "manifest.json": json.dumps(manifest, ensure_ascii=False, indent=2).encode(),
                "manifest.jws": signed.encode(),
                **{SITE + path: content for path, (content, _) in files.items()},
            }.items():
                entry = zipfile.ZipInfo(name, _EARLIEST)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                bundle.writestr(entry, content)
        return zipped.getvalue()


def _files(slug: str, published: Published) -> Iterator[tuple[str, tuple[bytes, str]]]:
    """Paths as they stand in addresses, with contents and types."""
    base = f"{AREA}/{slug}"
    yield f"{base}/did.jsonl", (published.log.encode(), LOG_TYPE)
    named: dict[str, list[str]] = {EDITION: [], CRED_DEF: [], HOLDERS: []}
    for kind, resource in published.resources:
        named.setdefault(kind, []).append(resource["id"])
        yield f"{base}/resources/{resource['metadata']['resourceId']}", (_json(resource), JSON_TYPE)
    catalogue = {
        "editions": named[EDITION],
        "credential_definitions": named[CRED_DEF],
        "holders": named[HOLDERS][-1] if named[HOLDERS] else None,
    }
    yield f"{base}/editions", (_json(catalogue), JSON_TYPE)
    for digest, content in published.tails.items():
        yield f"tails/hash/{digest}", (content, TAILS_TYPE)


def _manifest(
    organisation: Organisation,
    published: Published,
    files: Mapping[str, tuple[bytes, str]],
    now: datetime,
    host: str,
) -> dict[str, Any]:
    lists = []
    for kind, resource in published.resources:
        links = resource.get("links") or []
        if kind == REV_REG_DEF and links:
            newest = max(links, key=lambda link: int(link["timestamp"]))
            lists.append(
                {
                    "registry": resource["id"],
                    "status_list": newest["id"],
                    "timestamp": newest["timestamp"],
                    "last": newest.get(LAST) is True,
                }
            )
    return {
        "iss": published.did,
        "organisation": {"name": organisation.name, "country": organisation.country},
        "host": host,
        "closed_at": organisation.closed_at.isoformat() if organisation.closed_at else None,
        "made_at": now.isoformat(),
        "status_lists": lists,
        "files": [
            {
                "path": path,
                "url": f"https://{host}/{path}",
                "type": kind,
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for path, (content, kind) in files.items()
        ],
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _nginx(host: str) -> str:
    return f"""server {{
    listen 443 ssl;
    server_name {host};
    # ssl_certificate and ssl_certificate_key: of your own, for this name
    root /srv/bundle/site;
    default_type application/json;
    types {{ text/jsonl jsonl; }}
    location /tails/ {{ default_type application/octet-stream; }}
    add_header Access-Control-Allow-Origin "*";
    etag on;
}}
"""


def _readme(organisation: Organisation, host: str) -> str:
    closed = (
        f"closed on {organisation.closed_at:%Y-%m-%d}. Its status lists say under its signature that they are its last."
        if organisation.closed_at
        else "HAS NOT CLOSED. This is a rehearsal: its status lists grow old, and verifiers will stop accepting them."
    )
    return f"""# What {organisation.name} has published

{organisation.name} ({organisation.country}) {closed}

People hold credentials by it. Whoever checks one fetches the files in `site/`: the DID's log with its public keys, the
programmes, the credential and registry definitions, the status lists. Every one of them is signed or named by its digest,
so you cannot change what they say, and need not be trusted for it. There is no private key and nothing about any person here.

## To host it
1. Agree with {organisation.name}, or whoever holds the domain, that you get the name `{host}`: its DID holds that name for ever.
   Either its DNS entry points at your server, or the domain becomes yours. Renew it: if the name is lost, the credentials are.
2. Serve the folder `site/` at `https://{host}/`, with a certificate for that name. Any web server will do; `nginx.conf` is an
   example. Paths have no endings, so say the types yourself: `application/json`; `did.jsonl` is `text/jsonl`; what is under
   `tails/` is `application/octet-stream`.
3. If other organisations used the same name, put their bundles beside this one: paths do not collide.
4. Check: `curl https://{host}/{AREA}/{organisation.slug}/did.jsonl` gives the file `site/{AREA}/{organisation.slug}/did.jsonl`, byte for byte.

`manifest.json` lists each file with its address, type and SHA-256. `manifest.jws` is the same, signed with the DID's key.
"""
