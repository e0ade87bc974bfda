"""The certificate with which a worker serves TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from pathlib import Path

from eggd.app.cluster_config import ClusterConfig
from eggd.config import Config
from eggd.errors import ConfigError
from eggd.host.credentials import handed_pair
from eggd.http.tls import create_context

Warn = Callable[[str], object]
"""Takes a warning about a certificate that is, or soon will be, invalid."""


def https_context(
    config: Config, environ: Mapping[str, str], base_dir: Path, warn: Warn
) -> ssl.SSLContext | None:
    """Returns the TLS context; None for plain HTTP. Raises EggError for an invalid pair.

    Credentials of the unit win over the files of `config.cluster.https`.
    """
    pair = handed_pair(environ)
    return create_context(*pair, warn) if pair else configured_context(config, base_dir, warn)


def configured_context(config: Config, base_dir: Path, warn: Warn) -> ssl.SSLContext | None:
    """Returns the context for the files in the app's config; None if it names no file.

    Raises ConfigError, with the place in the config, for an invalid pair.
    """
    https = config[ClusterConfig].https
    if not https.cert and not https.key:
        return None
    where = config.located("cluster.https.cert" if https.cert else "cluster.https.key")
    if not https.cert or not https.key:
        missing = "key" if https.cert else "cert"
        hint = "TLS needs both, cert and key"
        raise ConfigError(f"{where}: cluster.https.{missing} is missing", hint=hint)
    try:
        return create_context(base_dir / https.cert, base_dir / https.key, warn)
    except ConfigError as exc:
        raise ConfigError(f"{where}: cluster.https: {exc.message}", hint=exc.hint) from exc
