"""Where the plugin meets ACA-Py, Askar and JetStream."""
