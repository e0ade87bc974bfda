"""The plugins of the comparison; the peer eggd-full switches security on."""

security = False
