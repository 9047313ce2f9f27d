"""The only sockets to a site's servers, beside security.jwks."""
