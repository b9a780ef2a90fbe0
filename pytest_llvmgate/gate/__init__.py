"""The gate itself: stages by recorded state, driven by the plugin, the command line and the searches alike."""
