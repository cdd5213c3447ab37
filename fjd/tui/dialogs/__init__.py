"""Modal questions. Each returns its answer through ``dismiss``, and None when the user left it."""
