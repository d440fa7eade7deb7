"""Back-up and restore of the centre, or of a gateway's folder."""
