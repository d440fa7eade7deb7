"""From an unlabelled bus to a commissioned site."""
