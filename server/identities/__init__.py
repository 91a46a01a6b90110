"""Signing in by another institution's account: OpenID Connect, and the links between such an account and one of ours."""
