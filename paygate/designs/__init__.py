"""Payment page configurations: how pages and letters look."""
