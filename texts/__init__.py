"""From a kind, its parameters and a language to a message: templates and gettext catalogues."""
