"""The API: what scripts and portals ask, in JSON."""
