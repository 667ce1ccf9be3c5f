"""Commands of the maintainers: they are not part of the package."""
