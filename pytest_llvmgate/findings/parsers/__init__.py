"""Parsers: what each family of tools prints, recognised line by line."""
