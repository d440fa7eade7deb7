"""Air quality indices: from concentrations to a number that people understand. Pure."""
