"""Login by an OpenID Connect provider; loaded only where console.toml has [openid]."""
