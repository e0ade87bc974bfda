"""The names of Permissions-Policy, so that a misspelt one does not pass in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eggd import suggestion

FEATURES = frozenset(
    "accelerometer ambient-light-sensor attribution-reporting autoplay bluetooth browsing-topics"
    " camera captured-surface-control clipboard-read clipboard-write compute-pressure"
    " cross-origin-isolated display-capture document-domain encrypted-media fullscreen gamepad"
    " geolocation gyroscope hid identity-credentials-get idle-detection interest-cohort"
    " join-ad-interest-group keyboard-map local-fonts magnetometer microphone midi otp-credentials"
    " payment picture-in-picture private-state-token-issuance private-state-token-redemption"
    " publickey-credentials-create publickey-credentials-get run-ad-auction screen-wake-lock serial"
    " shared-storage speaker-selection storage-access sync-xhr unload usb vertical-scroll web-share"
    " window-management xr-spatial-tracking".split()
)
"""The W3C's list of features, without the client hints `ch-*`."""


def unknown_features(names: Iterable[str]) -> Iterator[str]:
    """Yields a text for each name that no browser knows; `_` in a name is `-`."""
    for name in names:
        written = name.replace("_", "-")
        if written not in FEATURES and not written.startswith("ch-"):
            hint = suggestion(written, FEATURES)
            yield f"security.permissions_policy.policy: {name!r} is not a known feature" + (
                f" ({hint})" if hint else ""
            )
