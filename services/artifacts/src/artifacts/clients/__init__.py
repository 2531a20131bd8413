"""What is outside of the service's own documents: files, bundles, and the workbench of an import."""
