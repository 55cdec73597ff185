"""The register, linking, audiences and what carers choose."""
