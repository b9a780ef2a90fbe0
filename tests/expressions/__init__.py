"""Every regular expression of the product, and texts that make a badly built one slow."""
